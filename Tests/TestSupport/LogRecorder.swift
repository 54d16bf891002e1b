public import Logging
import Synchronization

/// Keeps log lines, for tests to look at.
public final class LogRecorder: Sendable {
    /// One line.
    public struct Line: Sendable {
        /// Its level.
        public let level: Logger.Level
        /// Its message.
        public let message: String
        /// Its metadata, that of the logger's provider included.
        public let metadata: [String: String]
    }

    private let recorded = Mutex<[Line]>([])

    /// A recorder without lines.
    public init() {}

    /// All lines so far.
    public var lines: [Line] { recorded.withLock { $0 } }

    /// A logger that writes to this recorder.
    ///
    /// - Parameter provider: What adds metadata to each line.
    /// - Returns: The logger.
    public func makeLogger(provider: Logger.MetadataProvider? = nil) -> Logger {
        Logger(label: "test") { _ in Handler(recorder: self, metadataProvider: provider) }
    }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var metadataProvider: Logger.MetadataProvider?
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }.merging(event.metadata ?? [:]) { $1 }
            let line = Line(level: event.level, message: "\(event.message)", metadata: all.mapValues { "\($0)" })
            recorder.recorded.withLock { $0.append(line) }
        }
    }
}
