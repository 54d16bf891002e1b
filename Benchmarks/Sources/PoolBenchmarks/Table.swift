import Foundation

/// A Markdown table of medians and ranges, a row for each contender of each case.
enum Table {
    static let head = """
        | case | contender | ns a job | range | CPU ns a job | range |
        |---|---|---:|---:|---:|---:|
        """

    static func rows(of name: String, _ outcomes: [Outcome]) -> String {
        outcomes.map { "| \(name) | \($0.name) | \(cells(of: $0)) |" }.joined(separator: "\n")
    }

    private static func cells(of outcome: Outcome) -> String {
        if let failure = outcome.failure { return "\(failure) | | | " }
        return "\(cells(of: outcome.samples.map(\.wall))) | \(cells(of: outcome.samples.map(\.cpu)))"
    }

    private static func cells(of values: [Double]) -> String {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return " | " }
        // Of an even number the lower middle: a value that was measured, rather than a mean.
        let median = sorted[(sorted.count - 1) / 2]
        return "\(whole(median)) | \(whole(first)) to \(whole(last))"
    }

    private static func whole(_ value: Double) -> String { String(format: "%.0f", value) }
}
