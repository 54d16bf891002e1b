public import ContextPool
import Logging

extension ContextPropagator {
    /// Carries swift-log's task-local `Logger.current` into jobs, with the metadata that was merged into it.
    public static let currentLogger = ContextPropagator(name: "Logger.current", clear: withoutLogger) {
        let logger = Logger.current
        // The logger that is there when nobody has bound one has no label, and need not be bound again.
        guard !logger.label.isEmpty else { return nil }
        return { operation in try withLogger(logger) { _ in try operation() } }
    }

    /// The logger that is there when nobody has bound one, as swift-log makes it: its lines go where the system was told to send them.
    private static let noLogger = Logger(label: "")

    private static let withoutLogger: Scope = { operation in try withLogger(noLogger) { _ in try operation() } }
}
