import Testing

@testable import EventServer

@Suite struct ByteWordTests {
    /// Each byte at each place, between others of all kinds.
    private static let words: [[UInt8]] = {
        let fillers: [UInt8] = [0x00, 0x09, 0x1F, 0x20, 0x23, 0x2D, 0x41, 0x5A, 0x61, 0x7A, 0x7F, 0x80, 0xFF]
        var words: [[UInt8]] = []
        for byte in UInt8.min...UInt8.max {
            for place in 0..<8 {
                for filler in fillers {
                    var word = [UInt8](repeating: filler, count: 8)
                    word[place] = byte
                    words.append(word)
                    // So that what stands in front of it passes all of the tests.
                    word.replaceSubrange(0..<place, with: repeatElement(UInt8(ascii: "m"), count: place))
                    words.append(word)
                }
            }
        }
        return words
    }()

    private func check(_ count: (ByteWord) -> Int, _ isPart: (UInt8) -> Bool) {
        let wrong = Self.words.filter { word in
            count(ByteWord(bits: word.span.word(at: 0))) != (word.firstIndex { !isPart($0) } ?? 8)
        }
        #expect(wrong == [])
    }

    @Test func `a word tells how many of its bytes stand in a field value, tabs not counted`() {
        check(\.fieldValueCount) { ASCII.isFieldValue($0) && $0 != ASCII.tab }
    }

    @Test func `a word tells how many of its bytes stand in a target`() {
        check(\.targetCount, ASCII.isTarget)
    }

    @Test func `a word tells how many of its bytes are letters or hyphens`() {
        let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-".utf8)
        check(\.letterCount, allowed.contains)
    }

    @Test func `the end of a part is the first byte that does not belong to it, wherever that stands`() {
        for length in 0...40 {
            for place in 0..<40 {
                var bytes = [UInt8](repeating: UInt8(ascii: "7"), count: 40)
                bytes[place] = ASCII.colon
                let upperBound = max(3, length)
                let end = bytes.span.end(in: 3..<upperBound, of: \.letterCount, or: ASCII.isToken)
                #expect(end == (place < 3 ? upperBound : min(place, upperBound)))
            }
        }
    }
}
