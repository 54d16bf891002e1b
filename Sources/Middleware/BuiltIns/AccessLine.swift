import ContextPool
import EventServer
import HTTPTypes
import Logging
import Synchronization

/// The line of ``AccessLogMiddleware``: what is in it, and which requests have one.
///
/// An object, so that each request holds it with one retain until it ends.
final class AccessLine: Sendable {
    private let columns: [(name: String, column: AccessEntry.Column)]
    private let headers: [HTTPField.Name]
    private let redacted: Set<String>
    private let sample: Double
    private let count = Atomic<UInt64>(0)
    /// How the lines get into the application's log, where that lets others write them.
    private let direct: DirectAccessLine?

    init(_ options: AccessLogMiddleware.Options, logger: Logger? = nil) {
        headers = options.headers.compactMap { HTTPField.Name($0) }
        columns = AccessEntry.columns(with: headers.map(\.canonicalName))
        redacted = Set(options.redact.map(\.rawValue))
        sample = options.sample
        direct = DirectAccessLine(columns, logger)
    }

    /// Writes the line of a request that has ended, where it is to have one.
    func write(for context: RequestContext, since start: ContinuousClock.Instant) {
        let values = context.g
        guard let request = values.request else { return }
        let outcome = context.outcome
        let isError = outcome.map { $0.status.code >= 400 } ?? true
        guard sample == 1 || isError || isSampled() else { return }
        let now = ContinuousClock.now
        let entry = AccessEntry(
            bytes: outcome?.bodySize,
            client: shown(request.clientAddress.host, as: "client"),
            duration: now.microseconds(since: start),
            method: request.method.rawValue,
            path: shown(request.path, as: "path"),
            requestID: values.requestID,
            status: outcome?.status.code,
            traceID: values.traceContext?.traceID,
            user: values.user.map { shown($0.id, as: "user") },
            headers: headers.map { name in request.header(name).map { shown($0, as: name.canonicalName) } }
        )
        if let direct { return direct.write(entry, at: now) }
        let logger = context.logger
        guard logger.logLevel <= .info else { return }
        // What the provider of the logger adds is there already, and the same.
        logger.info("request", metadata: metadata(of: entry))
    }

    private func shown(_ value: String, as name: String) -> String {
        redacted.isEmpty || !redacted.contains(name) ? value : "-"
    }

    private func metadata(of entry: AccessEntry) -> Logger.Metadata {
        var metadata: Logger.Metadata = [:]
        for (name, column) in columns {
            metadata[name] = entry.show(column, text: { .string($0) }, number: { .string(String($0)) })
        }
        return metadata
    }

    /// Whether this one is taken, so that of any number the share is, as evenly as can be.
    private func isSampled() -> Bool {
        let number = Double(count.add(1, ordering: .relaxed).newValue)
        return (number * sample).rounded(.down) > ((number - 1) * sample).rounded(.down)
    }
}
