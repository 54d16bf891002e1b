import Logging

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

    /// Appends what stands behind the time of a line.
    func append(
        _ level: String,
        _ message: String,
        _ metadata: Logger.Metadata = [:],
        to line: inout [UInt8]
    ) {
        let fields = metadata.sorted { $0.key < $1.key }
        switch self {
        case .text:
            line.append(UInt8(ascii: " "))
            line += level.utf8
            line.append(UInt8(ascii: " "))
            Self.appendText(message, to: &line, isMessage: true)
            for (key, value) in fields {
                line.append(UInt8(ascii: " "))
                line += key.utf8
                line.append(UInt8(ascii: "="))
                Self.appendText(Self.text(value), to: &line)
            }
        case .json:
            line += "\",\"level\":\"".utf8
            line += level.utf8
            line += "\",\"message\":".utf8
            Self.appendJSON(message, to: &line)
            for (key, value) in fields {
                line.append(UInt8(ascii: ","))
                // A field of a name that is taken would make two readers read two things.
                let isTaken = key == "time" || key == "level" || key == "message"
                Self.appendJSON(isTaken ? "field.\(key)" : key, to: &line)
                line.append(UInt8(ascii: ":"))
                Self.appendJSON(Self.text(value), to: &line)
            }
            line.append(UInt8(ascii: "}"))
        }
    }

    private static func text(_ value: Logger.MetadataValue) -> String {
        if case .string(let text) = value { text } else { value.description }
    }

    /// A value with a blank, a quote or a control character is quoted and escaped, so that what a client sent cannot make a line of
    /// its own.
    private static func appendText(_ text: String, to line: inout [UInt8], isMessage: Bool = false) {
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

    /// A string of JSON (RFC 8259, section 7).
    ///
    /// An encoder of the library takes longer than the rest of the line.
    private static func appendJSON(_ text: String, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): line += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): line += "\\n".utf8
            case 0..<0x20, 0x7F: line += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: line.append(byte)
            }
        }
        line.append(UInt8(ascii: "\""))
    }
}
