import EventServer
import Logging

/// How the access log's lines get into the log of the application, where that lets others write them.
///
/// What is the same in all of them is made once.
struct DirectAccessLine: Sendable {
    private let writer: any LineWriter
    private let format: LogFormat
    /// What stands before the value of each column, one behind the other, and first what stands before all of them.
    private let beginnings: [UInt8]
    /// Each column, and which part of `beginnings` is its own; nothing in it needs a retain.
    private let parts: [(column: AccessEntry.Column, beginning: Range<Int>)]
    private let isWanted: Bool

    /// `nil` where the logger wants metadata.
    init?(_ columns: [(name: String, column: AccessEntry.Column)], _ logger: Logger?) {
        guard let handler = logger?.handler as? any FieldLogHandler, let writer = handler.lineWriter else { return nil }
        self.writer = writer
        format = handler.format
        isWanted = handler.logLevel <= .info
        var beginnings = handler.format.beginning(.info, "request")
        parts = columns.map { name, column in
            let start = beginnings.count
            beginnings += handler.format.beginning(ofField: name)
            return (column, start..<beginnings.count)
        }
        self.beginnings = beginnings
    }

    func write(_ entry: borrowing AccessEntry, at instant: ContinuousClock.Instant) {
        guard isWanted else { return }
        writer.write(at: instant, as: format) { append(entry, to: &$0) }
    }

    private func append(_ entry: borrowing AccessEntry, to line: inout OutputSpan<UInt8>) -> Bool {
        let beginnings = beginnings.span
        let parts = parts.span
        guard line.append(ifTheyFit: beginnings.extracting(..<parts[0].beginning.lowerBound)) else { return false }
        for index in parts.indices {
            let beginning = beginnings.extracting(parts[index].beginning)
            let isWhole = entry.show(parts[index].column) { text in
                line.append(ifTheyFit: beginning) && format.append(text, to: &line)
            } number: { number in
                line.append(ifTheyFit: beginning) && format.append(number, to: &line)
            }
            guard isWhole ?? true else { return false }
        }
        return format.appendEnd(to: &line)
    }
}
