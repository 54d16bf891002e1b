import CLibevent

extension Span<UInt8> {
    /// Eight bytes as one number, in which the first is the lowest; there must be so many.
    ///
    /// One by one each of them is held against the end: three instructions a byte, for a test that takes ten for all eight.
    func word(at index: Int) -> UInt64 {
        // It is held against the ends, and any bits are a number.
        unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// The first place of a byte, which the C library looks for in 32 bytes at a time: 30 instructions for a line, of whose bytes a
    /// loop takes five each.
    func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        let part = extracting(range)
        return unsafe part.withUnsafeBufferPointer { bytes in
            guard let start = unsafe UnsafeRawPointer(bytes.baseAddress),
                let place = unsafe memchr(start, Int32(byte), bytes.count)
            else { return nil }
            return unsafe range.lowerBound + (UnsafeRawPointer(place) - start)
        }
    }

    /// The bytes as text, with substitutes for what is no UTF-8.
    ///
    /// It is made in its place: to check first and to copy then takes twice as much for the short texts of a head.
    func text(in range: Range<Int>) -> String {
        let bytes = extracting(range)
        return unsafe String(unsafeUninitializedCapacity: bytes.count) { buffer in
            unsafe bytes.withUnsafeBufferPointer { unsafe buffer.initialize(fromContentsOf: $0) }
        }
    }
}
