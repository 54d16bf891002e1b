/// A line of source: where a job was submitted, or a context captured.
public struct SourceSite: Sendable, Hashable, CustomStringConvertible {
    /// Module and file, as `#fileID` has them: `Shop/Report.swift`.
    public let file: String

    /// The line, counted from 1.
    public let line: Int

    /// Names a line; the defaults name the one that calls.
    ///
    /// - Parameters:
    ///   - file: Module and file.
    ///   - line: The line.
    public init(file: String = #fileID, line: Int = #line) {
        self.file = file
        self.line = line
    }

    /// The place as compilers write it: `Shop/Report.swift:12`.
    public var description: String { "\(file):\(line)" }
}
