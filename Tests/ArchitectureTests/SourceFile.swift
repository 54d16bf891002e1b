import Foundation

/// A Swift file of this repository, read as text.
struct SourceFile {
    /// The path below the repository.
    let path: String
    let lines: [String]

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    /// The first folder below `Sources` or `Tests`.
    var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
    var folders: [String] { path.split(separator: "/").dropLast().map(String.init) }

    /// The lines that are no comments, with their numbers.
    var code: [(number: Int, line: String)] {
        lines.enumerated()
            .map { ($0.offset + 1, $0.element) }
            .filter { !$0.1.drop { $0 == " " }.hasPrefix("//") }
    }

    /// The modules that are imported.
    var imports: [String] {
        code.compactMap { _, line in
            let words = line.split(separator: " ").map(String.init)
            guard let place = words.firstIndex(of: "import"), words.count == place + 2 else { return nil }
            let modifiers: Set = ["public", "internal", "package", "private", "fileprivate", "@_exported", "@testable"]
            return words[..<place].allSatisfy(modifiers.contains) ? words[place + 1] : nil
        }
    }

    static var all: [SourceFile] { get throws { try files(below: "Sources") } }
    static var tests: [SourceFile] { get throws { try files(below: "Tests") } }
    static var examples: [SourceFile] {
        get throws { try files(below: "Examples").filter { !$0.path.contains("/.build") } }
    }

    /// The folder of the repository.
    static var root: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }

    private static func files(below folder: String) throws -> [SourceFile] {
        let base = root.appending(path: folder)
        let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
        return
            try names
            .filter { $0.hasSuffix(".swift") }
            .sorted()
            .map { name in
                let text = try String(contentsOf: base.appending(path: name), encoding: .utf8)
                return SourceFile(path: "\(folder)/\(name)", lines: text.components(separatedBy: "\n"))
            }
    }
}
