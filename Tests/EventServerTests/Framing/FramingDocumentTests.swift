import Foundation
import Testing

@Suite("The document of the framing table")
struct FramingDocumentTests {
    @Test("is what the table says; BATON_WRITE_FRAMING=1 writes it anew")
    func isCurrent() throws {
        let text = try FramingDocument.text()
        if ProcessInfo.processInfo.environment["BATON_WRITE_FRAMING"] != nil {
            try Data(text.utf8).write(to: FramingDocument.file)
        }
        #expect(try String(contentsOf: FramingDocument.file, encoding: .utf8) == text, "run 'make framing'")
    }

    @Test("names only tests that exist")
    func tests() throws {
        let file = URL(filePath: #filePath).resolvingSymlinksInPath()
        let folder = file.deletingLastPathComponent().deletingLastPathComponent()
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        for test in FramingRule.all.flatMap(\.tests) {
            let parts = test.split(separator: ".").map(String.init)
            let file = try #require(names.first { $0.hasSuffix("/\(parts[0]).swift") }, "\(test) has no file")
            let source = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            #expect(source.contains("func \(parts[1])("), "\(test) is no test")
        }
    }

    private static let seeds = ProcessInfo.processInfo.environment["BATON_FUZZ_SEEDS"]

    @Test("seeds the fuzzers", .enabled(if: seeds != nil, "writes to the folder that BATON_FUZZ_SEEDS names"))
    func seed() throws {
        let folder = URL(filePath: try #require(Self.seeds))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (number, framing) in FramingRule.allCases.enumerated() where framing.bytes.count <= 4096 {
            try Data(framing.bytes).write(to: folder.appending(path: "case-\(number)"))
        }
    }
}
