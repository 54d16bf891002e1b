import Foundation

/// The bytes of a file, of which none is read that is not there.
struct ELFBytes {
    let data: Data

    init(_ data: Data) { self.data = data.startIndex == 0 ? data : Data(data) }

    /// A number with its lowest byte first.
    func number<Number: FixedWidthInteger & UnsignedInteger>(
        at place: UInt64,
        as type: Number.Type
    ) throws(PluginFault) -> Number {
        let part = try range(at: place, count: UInt64(MemoryLayout<Number>.size))
        return part.reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: data[$1]) }
    }

    /// The text up to the next NUL, of at most 64 KiB.
    func text(at place: UInt32, in part: Range<Int>) throws(PluginFault) -> String {
        guard Int(place) < part.count else { throw .damaged }
        let rest = data[(part.lowerBound + Int(place))..<part.upperBound].prefix(1 << 16)
        guard let end = rest.firstIndex(of: 0) else { throw .damaged }
        return String(decoding: rest[..<end], as: UTF8.self)
    }

    /// A part of the file.
    func range(at place: UInt64, count: UInt64) throws(PluginFault) -> Range<Int> {
        let (end, overflows) = place.addingReportingOverflow(count)
        guard !overflows, end <= UInt64(data.count) else {
            throw PluginFault(.damaged, "is cut off, or damaged: copy or build it again")
        }
        return Int(place)..<Int(end)
    }
}

/// A table of entries of one length, all of which are in the file.
struct ELFTable {
    let start: UInt64
    let stride: UInt64
    let count: Int

    /// - Parameters:
    ///   - bytes: The file.
    ///   - start: Where the header says that the table begins.
    ///   - stride: Where it says how long an entry is.
    ///   - count: Where it says how many there are.
    /// - Throws: ``PluginFault`` for one that is not in the file.
    init(_ bytes: ELFBytes, start: UInt64, stride: UInt64, count: UInt64) throws(PluginFault) {
        self.start = try bytes.number(at: start, as: UInt64.self)
        self.stride = UInt64(try bytes.number(at: stride, as: UInt16.self))
        self.count = Int(try bytes.number(at: count, as: UInt16.self))
        _ = try bytes.range(at: self.start, count: self.stride * UInt64(self.count))
    }

    /// Where an entry begins.
    func place(of index: Int) -> UInt64 { start + UInt64(index) * stride }
}

extension PluginFault {
    static var damaged: PluginFault { PluginFault(.damaged, "is damaged: copy or build it again") }
}
