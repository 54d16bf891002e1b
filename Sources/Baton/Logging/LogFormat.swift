import EventServer
import Logging
import Middleware

/// How a log line looks.
enum LogFormat: String, Decodable, Sendable, CaseIterable {
    /// For people and for grep: `2026-11-21T05:21:43.123Z info request method=GET path=/hello status=200`.
    case text
    /// For programs, one object a line: `{"time":"2026-11-21T05:21:43.123Z","level":"info","message":"request","path":"/hello"}`.
    ///
    /// All values are texts, so that no field changes its type from line to line.
    case json

    /// What stands before the time of a line.
    var opening: String {
        switch self {
        case .text: ""
        case .json: "{\"time\":\""
        }
    }

    /// Metadata as the fields of a line, sorted by key.
    static func fields(of metadata: Logger.Metadata) -> [LogField] {
        metadata.sorted { $0.key < $1.key }.map { LogField($0.key, text($0.value)) }
    }

    /// Appends what stands behind the time of a line, with the fields in their order.
    func append(_ level: String, _ message: String, _ fields: [LogField], to line: inout [UInt8]) {
        switch self {
        case .text:
            if Self.appendPlain(level, message, fields, to: &line) { return }
            line.append(UInt8(ascii: " "))
            line.append(text: level)
            line.append(UInt8(ascii: " "))
            Self.appendText(message, to: &line, isMessage: true)
            for field in fields {
                line.append(UInt8(ascii: " "))
                line.append(text: field.name)
                line.append(UInt8(ascii: "="))
                switch field.value {
                case .text(let text): Self.appendText(text, to: &line)
                case .number(let number): line.append(text: String(number))
                }
            }
        case .json:
            line.append(text: "\",\"level\":\"")
            line.append(text: level)
            line.append(text: "\",\"message\":")
            Self.appendJSON(message, to: &line)
            for field in fields {
                line.append(UInt8(ascii: ","))
                // A field of a name that is taken would make two readers read two things.
                let isTaken = field.name == "time" || field.name == "level" || field.name == "message"
                Self.appendJSON(isTaken ? "field.\(field.name)" : field.name, to: &line)
                line.append(UInt8(ascii: ":"))
                switch field.value {
                case .text(let text): Self.appendJSON(text, to: &line)
                case .number(let number): Self.appendJSON(String(number), to: &line)
                }
            }
            line.append(UInt8(ascii: "}"))
        }
    }

    /// Most lines, of which nothing has to be escaped, are written in one go.
    ///
    /// - Returns: Whether this was one; otherwise nothing is written.
    private static func appendPlain(
        _ level: String,
        _ message: String,
        _ fields: [LogField],
        to line: inout [UInt8]
    ) -> Bool {
        // A number has twenty characters at most.
        let size = fields.reduce(level.utf8.count + message.utf8.count + 2) { size, field in
            let value = if case .text(let text) = field.value { text.utf8.count } else { 20 }
            return size + field.name.utf8.count + value + 2
        }
        guard isPlain(message, isMessage: true) else { return false }
        var isPlain = true
        line.append(addingCapacity: size) { output in
            output.append(UInt8(ascii: " "))
            output.append(text: level)
            output.append(UInt8(ascii: " "))
            output.append(text: message)
            for field in fields where isPlain {
                output.append(UInt8(ascii: " "))
                output.append(text: field.name)
                output.append(UInt8(ascii: "="))
                switch field.value {
                case .text(let text): isPlain = append(plain: text, to: &output)
                case .number(let number): output.append(decimal: number)
                }
            }
            if !isPlain { output.removeAll() }
        }
        return isPlain
    }

    /// Appends a text as long as it needs no quotes; whether that was all of it.
    private static func append(plain text: String, to output: inout OutputSpan<UInt8>) -> Bool {
        let bytes = text.utf8.span
        for index in bytes.indices {
            guard isPlain(bytes[index]) else { return false }
            output.append(bytes[index])
        }
        return !bytes.isEmpty
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=")
    }

    /// Whether a text needs no quotes: what is empty does, but for a message.
    private static func isPlain(_ text: String, isMessage: Bool = false) -> Bool {
        let bytes = text.utf8.span
        guard !bytes.isEmpty || isMessage else { return false }
        return bytes.indices.allSatisfy { isPlain(bytes[$0]) || bytes[$0] == 0x20 && isMessage }
    }

    private static func text(_ value: Logger.MetadataValue) -> String {
        if case .string(let text) = value { text } else { value.description }
    }

    /// A value with a blank, a quote or a control character is quoted and escaped, so that what a client sent cannot make a line of
    /// its own.
    private static func appendText(_ text: String, to line: inout [UInt8], isMessage: Bool = false) {
        guard !isPlain(text, isMessage: isMessage) else { return line.append(text: text) }
        line.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): line += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): line.append(text: "\\n")
            case 0..<0x20, 0x7F: line += "\\x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: line.append(byte)
            }
        }
        line.append(UInt8(ascii: "\""))
    }

    /// A string of JSON (RFC 8259, section 7).
    ///
    /// An encoder of the library takes longer than the rest of the line.
    private static func appendJSON(_ text: String, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): line += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): line.append(text: "\\n")
            case 0..<0x20, 0x7F: line += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: line.append(byte)
            }
        }
        line.append(UInt8(ascii: "\""))
    }
}
