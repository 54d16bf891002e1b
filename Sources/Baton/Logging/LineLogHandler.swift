import EventServer
import Logging
import Middleware

/// Writes log lines, as ``LogFormat`` has them, with the metadata sorted by key.
struct LineLogHandler: LogHandler {
    let writer: LogWriter
    let format: LogFormat
    var metadataProvider: Logger.MetadataProvider?
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(writer: LogWriter, format: LogFormat = .text, metadataProvider: Logger.MetadataProvider? = nil) {
        self.writer = writer
        self.format = format
        self.metadataProvider = metadataProvider
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        // Before the writer's lock is taken: a value may log while it is described.
        let fields = allMetadata(event).sorted { $0.key < $1.key }.map { LogField($0.key, Self.text($0.value)) }
        let message = "\(event.message)"
        writer.write(at: .now, as: format) { line in format.append(event.level, message, fields, to: &line) }
    }

    /// What the line says itself wins over what the request says, and that over what the logger says.
    private func allMetadata(_ event: LogEvent) -> Logger.Metadata {
        var all = event.metadata ?? [:]
        if let metadataProvider { all.merge(metadataProvider.get()) { line, _ in line } }
        if !metadata.isEmpty { all.merge(metadata) { line, _ in line } }
        return all
    }

    private static func text(_ value: Logger.MetadataValue) -> String {
        if case .string(let text) = value { text } else { value.description }
    }
}

extension LineLogHandler: FieldLogHandler {
    var lineWriter: (any LineWriter)? { metadata.isEmpty ? writer : nil }
}
