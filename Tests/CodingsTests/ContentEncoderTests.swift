import Codings
import TestSupport
import Testing

@Suite struct ContentEncoderTests {
    /// Text that gains, larger than any window and any buffer.
    private static let text = [UInt8]((0..<60_000).map { "line \($0 * 7_919 % 1_000)\n" }.joined().utf8)

    @Test(arguments: ContentCoding.allCases, ContentCoding.Effort.allCases)
    func `what is encoded is smaller, and can be decoded`(_ coding: ContentCoding, _ effort: ContentCoding.Effort)
        throws
    {
        let encoded = try ContentEncoder(coding, effort: effort).finish(Self.text)
        #expect(encoded.count < Self.text.count / 2)
        let result = try #require(decoded(encoded, coding.rawValue))
        #expect(result.bytes == Self.text)
        #expect(result.isComplete)
    }

    @Test(arguments: ContentCoding.allCases)
    func `pieces of any size make the same content`(_ coding: ContentCoding) throws {
        var random = SeededGenerator(seed: 4)
        let encoder = ContentEncoder(coding)
        var encoded: [UInt8] = []
        var rest = Self.text[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 0...40_000, using: &random))
            encoded += try encoder.encode(Array(piece), flush: Bool.random(using: &random))
            rest = rest.dropFirst(piece.count)
        }
        encoded += try encoder.finish()
        let result = try #require(decoded(encoded, coding.rawValue))
        #expect(result.bytes == Self.text)
        #expect(result.isComplete)
    }

    @Test(arguments: ContentCoding.allCases)
    func `bytes that nothing can make smaller come back, too`(_ coding: ContentCoding) throws {
        var random = SeededGenerator(seed: 7)
        let noise = (0..<300_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        let encoder = ContentEncoder(coding)
        let encoded = try encoder.encode(noise, flush: true) + encoder.finish()
        #expect(decoded(encoded, coding.rawValue)?.bytes == noise)
    }

    @Test(arguments: ContentCoding.allCases)
    func `what was flushed can be read before the end`(_ coding: ContentCoding) throws {
        let encoder = ContentEncoder(coding)
        var sent: [UInt8] = []
        for number in 1...3 {
            sent += try encoder.encode(Array("event \(number)\n".utf8), flush: true)
            let result = try #require(decoded(sent, coding.rawValue))
            #expect(String(decoding: result.bytes, as: UTF8.self).hasSuffix("event \(number)\n"))
            #expect(!result.isComplete)
        }
    }

    @Test(arguments: ContentCoding.allCases)
    func `nothing at all is an empty content`(_ coding: ContentCoding) throws {
        let encoder = ContentEncoder(coding)
        #expect(try encoder.encode([], flush: true).isEmpty)
        let result = try #require(decoded(encoder.finish(), coding.rawValue))
        #expect(result.bytes.isEmpty)
        #expect(result.isComplete)
    }

    @Test(arguments: ContentCoding.allCases)
    func `nothing follows the end`(_ coding: ContentCoding) throws {
        let encoder = ContentEncoder(coding)
        _ = try encoder.finish()
        let late = #expect(throws: ContentCodingError.self) { try encoder.encode([1]) }
        #expect(late?.code == .finished)
        #expect(throws: ContentCodingError.self) { try encoder.finish() }
    }

    @Test(arguments: ContentCoding.allCases)
    func `several threads may share an encoder`(_ coding: ContentCoding) async throws {
        let encoder = ContentEncoder(coding)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<100 { _ = try encoder.encode([1, 2, 3], flush: true) } } }
            try await group.waitForAll()
        }
        _ = try encoder.finish()
    }
}
