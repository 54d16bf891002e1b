/// Eight bytes as one number, in which the first is the lowest, so that all are tested at once.
///
/// A loop takes ten instructions for each byte of a field, and these tests as many for eight. They tell the bytes that are most
/// often seen; whoever asks looks at the first other one itself.
struct ByteWord {
    let bits: UInt64

    /// A number with this byte in each place.
    private static func each(_ byte: UInt64) -> UInt64 { byte * 0x0101_0101_0101_0101 }

    /// How many bytes, from the first, stand in field values, tabs not counted.
    var fieldValueCount: Int { Self.count(below(0x20) | equal(0x7F)) }

    /// How many bytes, from the first, stand in request targets.
    var targetCount: Int { Self.count(below(0x21) | equal(0x7F) | equal(UInt64(UInt8(ascii: "#"))) | bits) }

    /// How many bytes, from the first, are letters or hyphens.
    var letterCount: Int {
        // With the high bits away no sum reaches the next byte.
        let low = bits & Self.each(0x7F)
        let lower = low | Self.each(0x20)
        let isBeforeA = ~(lower &+ Self.each(0x80 - 0x61))
        let isBehindZ = lower &+ Self.each(0x80 - 0x7B)
        let isNoHyphen = (low ^ Self.each(0x2D)) &+ Self.each(0x7F)
        return Self.count((isBeforeA | isBehindZ) & isNoHyphen | bits)
    }

    /// Marks the bytes below a limit, which is at most 128, by their high bits.
    ///
    /// As in ``equal(_:)``, the first that is marked is right. The difference of one behind it may have lent to its neighbour.
    private func below(_ limit: UInt64) -> UInt64 { (bits &- Self.each(limit)) & ~bits }

    private func equal(_ byte: UInt64) -> UInt64 {
        let difference = bits ^ Self.each(byte)
        return (difference &- Self.each(1)) & ~difference
    }

    /// The bytes in front of the first whose high bit is set.
    private static func count(_ marks: UInt64) -> Int { (marks & each(0x80)).trailingZeroBitCount / 8 }
}

extension Span<UInt8> {
    /// The first byte in a range that is no part of something.
    ///
    /// - Parameters:
    ///   - range: Where to look.
    ///   - count: How many of eight bytes, from the first, are parts of it at least.
    ///   - isPart: Whether a byte is.
    /// - Returns: Its place, or the range's end.
    @inline(__always)
    func end(in range: Range<Int>, of count: (ByteWord) -> Int, or isPart: (UInt8) -> Bool) -> Int {
        var index = range.lowerBound
        while index < range.upperBound {
            if range.upperBound - index >= 8 {
                let count = count(ByteWord(bits: word(at: index)))
                index += count
                if count == 8 { continue }
            }
            guard isPart(self[index]) else { break }
            index += 1
        }
        return index
    }
}
