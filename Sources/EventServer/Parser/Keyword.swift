/// A text of at most 24 characters to compare with bytes, whatever their case is: eight at a time, since a text takes ten
/// instructions for each.
///
/// It is made of letters in lower case, figures, hyphens, colons and slashes, and compared with bytes that are visible characters:
/// the bit that is set in all of these tells letters of different case apart, and nothing else.
struct Keyword {
    let count: Int
    private let words: InlineArray<3, UInt64>

    init(_ text: String) {
        let bytes = Array(text.utf8)
        count = bytes.count
        words = InlineArray { Self.word(bytes.span, min($0 * 8, bytes.count), bytes.count) }
    }

    /// The first eight bytes with the bit that letters in lower case have, also where nothing stands.
    private static func word(_ input: Span<UInt8>, _ start: Int, _ end: Int) -> UInt64 {
        input.word(from: start, to: end) | 0x2020_2020_2020_2020
    }

    /// Whether the bytes are this text.
    func matches(_ input: Span<UInt8>, in range: Range<Int>) -> Bool {
        let (start, end) = (range.lowerBound, range.upperBound)
        return end - start == count && Self.word(input, start, end) == words[0]
            && (count <= 8 || Self.word(input, start + 8, end) == words[1])
            && (count <= 16 || Self.word(input, start + 16, end) == words[2])
    }

    /// Whether the bytes begin with this text.
    func begins(_ input: Span<UInt8>, in range: Range<Int>) -> Bool {
        range.count >= count && matches(input, in: range.lowerBound..<(range.lowerBound + count))
    }
}

extension Keyword {
    static let host = Keyword("host")
    static let expect = Keyword("expect")
    static let connection = Keyword("connection")
    static let contentLength = Keyword("content-length")
    static let transferEncoding = Keyword("transfer-encoding")

    static let hundredContinue = Keyword("100-continue")
    static let close = Keyword("close")
    static let keepAlive = Keyword("keep-alive")
    static let chunked = Keyword("chunked")
}

extension Span<UInt8> {
    /// The first eight bytes of a range as a number; none stands for those that are not there.
    @inline(__always)
    func word(from start: Int, to end: Int) -> UInt64 {
        var word: UInt64 = 0
        if count - start >= 8 {
            word = self.word(at: start)
        } else {
            for index in (start..<count).reversed() { word = word << 8 | UInt64(self[index]) }
        }
        return end - start >= 8 ? word : word & ((1 &<< UInt64(8 * (end - start))) - 1)
    }
}
