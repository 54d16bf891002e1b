import Foundation
import Middleware
import Testing

@testable import Baton

@Suite struct MiddlewareGuideTests {
    private static let guide: String = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        return (try? String(contentsOf: root.appending(path: "docs/middleware.md"), encoding: .utf8)) ?? ""
    }()

    /// What stands below each heading with a name, by that name.
    private static let chapters: [String: Substring] = {
        let parts = guide.components(separatedBy: "\n## `").dropFirst()
        return Dictionary(parts.map { ($0.prefix { $0 != "`" }.description, $0[...]) }) { first, _ in first }
    }()

    @Test func `every built-in has its chapter, and every chapter a built-in`() {
        #expect(Self.chapters.keys.sorted() == MiddlewareRegistry.standard.names)
    }

    @Test(arguments: MiddlewareRegistry.standard.names)
    func `its sample loads, with the built-in in the chain`(_ name: String) async throws {
        let chapter = try #require(Self.chapters[name])
        let sample = try #require(chapter.components(separatedBy: "```yaml\n").dropFirst().first)
        let yaml = try #require(sample.components(separatedBy: "```").first)
        let app = try await Application(yaml: yaml)
        let chain = try app.checkChain()
        #expect(chain.last == name)
    }
}
