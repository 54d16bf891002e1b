import Foundation
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
        let fields = LogFormat.fields(of: allMetadata(event))
        writer.write(at: Date().timeIntervalSince1970, as: format) { line in
            format.append(event.level.rawValue, "\(event.message)", fields, to: &line)
        }
    }

    /// What the line says itself wins over what the request says, and that over what the logger says.
    private func allMetadata(_ event: LogEvent) -> Logger.Metadata {
        var all = event.metadata ?? [:]
        if let metadataProvider { all.merge(metadataProvider.get()) { line, _ in line } }
        if !metadata.isEmpty { all.merge(metadata) { line, _ in line } }
        return all
    }
}

extension LineLogHandler: FieldLogHandler {
    func log(_ level: Logger.Level, _ message: String, fields: [LogField]) -> Bool {
        guard metadata.isEmpty else { return false }
        writer.write(at: Date().timeIntervalSince1970, as: format) { line in
            format.append(level.rawValue, message, fields, to: &line)
        }
        return true
    }
}
