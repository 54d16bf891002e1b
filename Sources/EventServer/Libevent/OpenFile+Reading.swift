import CLibevent

extension OpenFile {
    /// Reads a part into memory; for tests, since it waits for the disk and `sendfile` needs no memory.
    ///
    /// - Parameters:
    ///   - offset: Where the part begins.
    ///   - count: How long it is.
    /// - Returns: The part, or as much of it as there is.
    func read(from offset: Int, count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(0, count))
        var done = 0
        while done < bytes.count {
            let more = unsafe bytes.withUnsafeMutableBytes { buffer in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
                return unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            }
            if more > 0 { done += more }
            guard more > 0 || more < 0 && baton_errno() == EINTR else { break }
        }
        return Array(bytes[..<done])
    }
}
