package import Logging

/// A field of a log line.
package struct LogField: Sendable {
    package enum Value: Sendable {
        case text(String)
        case number(Int)
    }

    package let name: String
    package let value: Value

    package init(_ name: String, _ text: String) {
        self.name = name
        value = .text(text)
    }

    package init(_ name: String, _ number: Int) {
        self.name = name
        value = .number(number)
    }
}

/// A log handler whose lines others may write for it, byte by byte.
///
/// For a line that is written with each request: to make the metadata of swift-log, a dictionary, to merge, sort and destroy it takes
/// longer than the rest of a small request's chain, and a list of fields still half as long.
package protocol FieldLogHandler: LogHandler {
    /// How its lines look.
    var format: LogFormat { get }

    /// What takes them; `nil` where the handler has fields of its own to add.
    var lineWriter: (any LineWriter)? { get }
}

/// What takes log lines as bytes.
package protocol LineWriter: AnyObject, Sendable {
    /// Takes a line in.
    ///
    /// - Parameters:
    ///   - instant: When it was said.
    ///   - format: How it looks.
    ///   - body: Appends the line, without its time and the line break at its end; `false` where there was no room for all of it, and
    ///     then it is called again with more. It runs under a lock: it must call nothing that may log.
    func write(at instant: ContinuousClock.Instant, as format: LogFormat, _ body: (inout OutputSpan<UInt8>) -> Bool)
}
