extension OutputSpan<UInt8> {
    /// Appends bytes, for which there must be room, as a whole.
    ///
    /// One by one each of them is held against the end of both sides: six instructions a byte, 1,500 for a request and its line in
    /// the log.
    package mutating func append(bytes: Span<UInt8>) {
        guard bytes.count <= freeCapacity else {
            // It fails as every append without room does.
            for index in bytes.indices { append(bytes[index]) }
            return
        }
        unsafe bytes.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            unsafe withUnsafeMutableBufferPointer { buffer, count in
                guard let end = buffer.baseAddress else { return }
                // There is room, and what is new overlaps nothing.
                unsafe (end + count).initialize(from: start, count: source.count)
                count += source.count
            }
        }
    }
}
