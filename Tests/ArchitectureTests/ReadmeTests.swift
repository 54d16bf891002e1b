import Foundation
import Testing

/// The samples of the README are the sources of an example, which `make examples` builds.
@Suite struct ReadmeTests {
    @Test func everySampleStandsInTheExampleWordForWord() throws {
        let example = try SourceFile.examples.map { $0.lines.joined(separator: "\n") }
        let samples = try Self.samples
        #expect(samples.count >= 4)
        for sample in samples {
            #expect(example.contains { $0.contains(sample) }, "this sample is in no file of Examples:\n\(sample)")
        }
    }

    @Test func theReadmeIsShort() throws {
        #expect(try Self.text.split(separator: "\n", omittingEmptySubsequences: false).count <= 150)
    }

    private static var text: String {
        get throws { try String(contentsOf: SourceFile.root.appending(path: "README.md"), encoding: .utf8) }
    }

    private static var samples: [String] {
        get throws {
            try text.components(separatedBy: "```swift\n").dropFirst()
                .compactMap { $0.components(separatedBy: "\n```").first }
        }
    }
}
