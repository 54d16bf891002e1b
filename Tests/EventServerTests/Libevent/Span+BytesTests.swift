import Testing

@testable import EventServer

@Suite struct SpanBytesTests {
    @Test func `a word has eight bytes, of which the first is the lowest`() {
        let bytes: [UInt8] = [9, 1, 2, 3, 4, 5, 6, 7, 0xF8, 9]
        #expect(bytes.span.word(at: 1) == 0xF807_0605_0403_0201)
        #expect(bytes.span.word(at: 2) == 0x09F8_0706_0504_0302)
    }

    @Test(arguments: 0...8)
    func `of a shorter range a word has the bytes that are there`(_ count: Int) {
        let bytes: [UInt8] = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88]
        for rest in [0, 1, 100] {
            let all = Array(bytes.prefix(count)) + [UInt8](repeating: 0xFF, count: rest)
            let word = bytes.prefix(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            #expect(all.span.word(from: 0, to: count) == word)
        }
    }

    @Test func `a byte is found where it stands first in a range, and nowhere else`() {
        let bytes = (0..<200).map { UInt8($0 % 100) }
        #expect(bytes.span.firstIndex(of: 42, in: 0..<200) == 42)
        #expect(bytes.span.firstIndex(of: 42, in: 42..<43) == 42)
        #expect(bytes.span.firstIndex(of: 42, in: 43..<200) == 142)
        #expect(bytes.span.firstIndex(of: 42, in: 43..<142) == nil)
        #expect(bytes.span.firstIndex(of: 200, in: 0..<200) == nil)
        #expect(bytes.span.firstIndex(of: 42, in: 42..<42) == nil)
        let nothing: [UInt8] = []
        #expect(nothing.span.firstIndex(of: 0, in: 0..<0) == nil)
    }

    @Test(
        arguments: [
            "", "x", "0123456789abcde", "0123456789abcdef", "\u{E4}\u{20AC}\u{1F600}",
            "a longer text, which lies elsewhere \u{E4}",
        ]
    )
    func `a text is made of its bytes, and of substitutes where they are no UTF-8`(_ text: String) {
        for behind in [[], [0xFF], [0xE2, 0x82], [0xC0, 0x80, 0x41]] as [[UInt8]] {
            let bytes = Array("<".utf8) + Array(text.utf8) + behind + Array(">".utf8)
            let range = 1..<(bytes.count - 1)
            #expect(bytes.span.text(in: range) == String(decoding: bytes[range], as: UTF8.self))
        }
    }
}
