import EventServer
package import Logging

/// How a log line looks.
///
/// A line is written once, into memory that is there already: whoever appends to it says whether there was room. How long it will
/// be is not added up before, which takes as long as writing it.
package enum LogFormat: String, Decodable, Sendable, CaseIterable {
    /// For people and for grep: `2026-11-21T05:21:43.123Z info request method=GET path=/hello status=200`.
    case text
    /// For programs, one object a line: `{"time":"2026-11-21T05:21:43.123Z","level":"info","message":"request","path":"/hello"}`.
    ///
    /// All values are texts, so that no field changes its type from line to line.
    case json

    /// What stands before the time of a line.
    package var opening: String {
        switch self {
        case .text: ""
        case .json: "{\"time\":\""
        }
    }

    /// Appends what stands behind the time of a line, with the fields in their order.
    ///
    /// - Returns: Whether there was room for all of it.
    package func append(
        _ level: Logger.Level,
        _ message: String,
        _ fields: [LogField],
        to line: inout OutputSpan<UInt8>
    ) -> Bool {
        guard append(level, message, to: &line) else { return false }
        for field in fields {
            guard append(name: field.name, to: &line) else { return false }
            let isWhole =
                switch field.value {
                case .text(let text): append(text, to: &line)
                case .number(let number): append(number, to: &line)
                }
            guard isWhole else { return false }
        }
        return appendEnd(to: &line)
    }

    /// What ``append(_:_:_:to:)`` puts before the first field.
    func beginning(_ level: Logger.Level, _ message: String) -> [UInt8] {
        bytes(of: message) { append(level, message, to: &$0) }
    }

    /// What it puts before the value of a field.
    func beginning(ofField name: String) -> [UInt8] { bytes(of: name) { append(name: name, to: &$0) } }

    private func bytes(of text: String, _ append: (inout OutputSpan<UInt8>) -> Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: Self.largestSize(of: text.utf8.count) + 64) { output in _ = append(&output) }
        return bytes
    }

    private func append(_ level: Logger.Level, _ message: String, to line: inout OutputSpan<UInt8>) -> Bool {
        switch self {
        case .text:
            line.append(ifItFits: " ") && line.append(ifItFits: level.rawValue) && line.append(ifItFits: " ")
                && appendText(message, to: &line, isMessage: true)
        case .json:
            line.append(ifItFits: "\",\"level\":\"") && line.append(ifItFits: level.rawValue)
                && line.append(ifItFits: "\",\"message\":") && appendJSON(message, to: &line)
        }
    }

    private func append(name: String, to line: inout OutputSpan<UInt8>) -> Bool {
        switch self {
        case .text:
            return line.append(ifItFits: " ") && line.append(ifItFits: name) && line.append(ifItFits: "=")
        case .json:
            // A field of a name that is taken would make two readers read two things.
            let isTaken = name == "time" || name == "level" || name == "message"
            return line.append(ifItFits: ",") && appendJSON(isTaken ? "field.\(name)" : name, to: &line)
                && line.append(ifItFits: ":")
        }
    }

    /// Appends the value of a field, with the quotes that it needs.
    ///
    /// - Returns: Whether there was room for it.
    func append(_ text: String, to line: inout OutputSpan<UInt8>) -> Bool {
        self == .text ? appendText(text, to: &line) : appendJSON(text, to: &line)
    }

    /// Appends the value of a field that is a number.
    ///
    /// - Returns: Whether there was room for it.
    func append(_ number: Int, to line: inout OutputSpan<UInt8>) -> Bool {
        // It has twenty characters at most.
        guard line.freeCapacity >= 22 else { return false }
        if self == .json { line.append(UInt8(ascii: "\"")) }
        line.append(decimal: number)
        if self == .json { line.append(UInt8(ascii: "\"")) }
        return true
    }

    /// Appends what stands behind the last field.
    func appendEnd(to line: inout OutputSpan<UInt8>) -> Bool { self == .text || line.append(ifItFits: "}") }

    /// A value with a blank, a quote or a control character is quoted and escaped, so that what a client sent cannot make a line of
    /// its own.
    private func appendText(_ text: String, to line: inout OutputSpan<UInt8>, isMessage: Bool = false) -> Bool {
        let bytes = text.utf8.span
        let isPlain = bytes.indices.allSatisfy { index in
            let byte = bytes[index]
            return byte > 0x20 && byte != 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=")
                || byte == 0x20 && isMessage
        }
        guard isPlain, isMessage || !bytes.isEmpty else { return appendQuoted(bytes, to: &line) }
        return line.append(ifTheyFit: bytes)
    }

    /// A string of JSON (RFC 8259, section 7).
    ///
    /// An encoder of the library takes longer than the rest of the line.
    private func appendJSON(_ text: String, to line: inout OutputSpan<UInt8>) -> Bool {
        let bytes = text.utf8.span
        let isPlain = bytes.indices.allSatisfy { index in
            let byte = bytes[index]
            return byte >= 0x20 && byte != 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
        }
        guard isPlain else { return appendQuoted(bytes, to: &line) }
        return line.append(ifItFits: "\"") && line.append(ifTheyFit: bytes) && line.append(ifItFits: "\"")
    }

    private func appendQuoted(_ bytes: Span<UInt8>, to line: inout OutputSpan<UInt8>) -> Bool {
        guard line.freeCapacity >= Self.largestSize(of: bytes.count) else { return false }
        line.append(UInt8(ascii: "\""))
        for index in bytes.indices {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                line.append(UInt8(ascii: "\\"))
                line.append(byte)
            case UInt8(ascii: "\n"): line.append(text: "\\n")
            case 0..<0x20, 0x7F:
                line.append(text: self == .json ? "\\u00" : "\\x")
                for digit in [byte >> 4, byte & 15] { line.append(digit < 10 ? 0x30 + digit : 0x61 + digit - 10) }
            default: line.append(byte)
            }
        }
        line.append(UInt8(ascii: "\""))
        return true
    }

    /// Where each byte of a text becomes `\u00XX`, and quotes stand around them.
    private static func largestSize(of count: Int) -> Int { 6 * count + 2 }
}

extension OutputSpan<UInt8> {
    /// Appends a text, unless there is no room for it.
    fileprivate mutating func append(ifItFits text: String) -> Bool { append(ifTheyFit: text.utf8.span) }

    /// Appends bytes, unless there is no room for them.
    ///
    /// - Returns: Whether there was.
    mutating func append(ifTheyFit bytes: Span<UInt8>) -> Bool {
        guard bytes.count <= freeCapacity else { return false }
        append(bytes: bytes)
        return true
    }
}
