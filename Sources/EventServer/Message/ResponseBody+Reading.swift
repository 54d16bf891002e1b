extension ResponseBody {
    /// Reads a part of a body that lies ready, in memory or in files.
    ///
    /// For middleware that sends something else in its place. It may wait for a disk: call it on the pool.
    ///
    /// - Parameter range: Which bytes; what lies beyond the body is left out.
    /// - Returns: The bytes; none of a stream, which is made only while it is sent.
    /// - Throws: ``FileError`` where a file cannot be read, or has become shorter.
    public func read(_ range: Range<Int>) throws(FileError) -> [UInt8] {
        switch content {
        case .bytes(let bytes): return Array(bytes[range.clamped(to: bytes.indices)])
        case .stream: return []
        case .segments(let segments):
            var read: [UInt8] = []
            var start = 0
            for segment in segments {
                let wanted = range.clamped(to: start..<(start + segment.count))
                if !wanted.isEmpty {
                    switch segment {
                    case .bytes(let bytes): read += bytes[(wanted.lowerBound - start)..<(wanted.upperBound - start)]
                    case .file(let file, let offset, _):
                        read += try file.read(from: offset + wanted.lowerBound - start, count: wanted.count)
                    }
                }
                start += segment.count
            }
            return read
        }
    }
}
