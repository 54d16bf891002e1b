/// Where a field stands in a header section; 16 bytes, since a head has room for twelve of them.
struct FieldPlace: Sendable {
    /// Offsets are below it.
    static let limit = Int(UInt32.max)

    private let nameStart: UInt32
    private let nameEnd: UInt32
    private let valueStart: UInt32
    private let valueEnd: UInt32

    var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
    var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }

    init() { (nameStart, nameEnd, valueStart, valueEnd) = (0, 0, 0, 0) }

    /// The place of a field in a section that begins at `base` and is smaller than the limit.
    init(_ field: RequestHead.Field, from base: Int) {
        nameStart = UInt32(truncatingIfNeeded: field.name.lowerBound - base)
        nameEnd = UInt32(truncatingIfNeeded: field.name.upperBound - base)
        valueStart = UInt32(truncatingIfNeeded: field.value.lowerBound - base)
        valueEnd = UInt32(truncatingIfNeeded: field.value.upperBound - base)
    }
}
