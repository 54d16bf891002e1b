package import Logging

/// A field of a log line.
package struct LogField: Sendable {
    package enum Value: Sendable {
        case text(String)
        case number(Int)
    }

    package let name: String
    package var value: Value

    package init(_ name: String, _ text: String) {
        self.name = name
        value = .text(text)
    }

    package init(_ name: String, _ number: Int) {
        self.name = name
        value = .number(number)
    }
}

/// A log handler that takes fields as they are, in the order of their names.
///
/// For a line that is written with each request: to make the metadata of swift-log, a dictionary, to merge, sort and destroy it takes
/// longer than the rest of a small request's chain.
package protocol FieldLogHandler: LogHandler {
    /// Writes a line, where nothing has to be added to the fields.
    ///
    /// - Parameters:
    ///   - level: The level of the line, which is written whatever the level of the logger.
    ///   - message: The message.
    ///   - fields: The fields, sorted by name; none twice.
    /// - Returns: Whether it was written; not where the logger has fields of its own, which take the long way.
    func log(_ level: Logger.Level, _ message: String, fields: [LogField]) -> Bool
}
