import Foundation
import Testing

/// The samples of the guides are taken from tests and examples, so that they compile.
@Suite struct DocumentSamplesTests {
    @Test(arguments: [
        "docs/request-bodies.md", "docs/responses.md", "docs/routing.md", "docs/background-jobs.md",
        "docs/writing-a-middleware.md",
    ])
    func everySampleStandsInATestWordForWord(document: String) throws {
        let text = try String(contentsOf: SourceFile.root.appending(path: document), encoding: .utf8)
        let samples = text.components(separatedBy: "```swift\n").dropFirst()
            .compactMap { $0.components(separatedBy: "\n```").first }
        let tests = try (SourceFile.tests + SourceFile.examples).map { Self.withoutIndentation($0.lines) }
        #expect(samples.count >= 4)
        for sample in samples {
            let wanted = Self.withoutIndentation(sample.components(separatedBy: "\n"))
            #expect(tests.contains { $0.contains(wanted) }, "this sample is in no test:\n\(sample)")
        }
    }

    private static func withoutIndentation(_ lines: [String]) -> String {
        lines.map { String($0.drop { $0 == " " }) }.joined(separator: "\n")
    }
}
