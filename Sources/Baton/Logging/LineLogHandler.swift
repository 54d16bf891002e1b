import Foundation
import Logging

/// Writes log lines for people and for grep: `2026-11-21T05:21:43.123Z info request method=GET path=/hello status=200`.
///
/// The metadata is sorted by key. A value with a blank, a quote or a control character is quoted and escaped, so that what
/// a client sent cannot make a line of its own.
struct LineLogHandler: LogHandler {
    let writer: LogWriter
    var metadataProvider: Logger.MetadataProvider?
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(writer: LogWriter, metadataProvider: Logger.MetadataProvider? = nil) {
        self.writer = writer
        self.metadataProvider = metadataProvider
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = allMetadata(event)
        writer.write(at: Date().timeIntervalSince1970) { line in
            line += event.level.rawValue.utf8
            line.append(UInt8(ascii: " "))
            Self.append("\(event.message)", to: &line, isMessage: true)
            for (key, value) in all.sorted(by: { $0.key < $1.key }) {
                line.append(UInt8(ascii: " "))
                line += key.utf8
                line.append(UInt8(ascii: "="))
                Self.append(Self.text(value), to: &line)
            }
        }
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

    private static func append(_ text: String, to line: inout [UInt8], isMessage: Bool = false) {
        let isPlain = text.utf8.allSatisfy { byte in
            byte > 0x20 && byte != 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=")
                || byte == 0x20 && isMessage
        }
        guard !isPlain || text.isEmpty && !isMessage else {
            line += text.utf8
            return
        }
        line.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): line += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): line += "\\n".utf8
            case 0..<0x20, 0x7F: line += "\\x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: line.append(byte)
            }
        }
        line.append(UInt8(ascii: "\""))
    }
}
