import CLibevent

extension OpenFile {
    /// Reads a part of the file; it may wait for the disk.
    ///
    /// - Parameters:
    ///   - offset: Where to begin.
    ///   - count: How many bytes.
    /// - Returns: The bytes, all of them.
    /// - Throws: ``FileError`` with `system`, also where the file has become shorter.
    func read(from offset: Int, count: Int) throws(FileError) -> [UInt8] {
        var reason: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(0, count)) { room, used in
            while used < count {
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(room)[used...])
                let got = unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset + used))
                guard got > 0 else {
                    reason = got < 0 ? baton_errno() : 0
                    if reason == EINTR { continue }
                    return
                }
                used += got
            }
        }
        guard bytes.count == count else { throw .reading(errno: reason) }
        return bytes
    }
}

extension FileError {
    fileprivate static func reading(errno: Int32) -> FileError {
        FileError(
            code: .system,
            description: """
                A file could not be read to its end (error \(errno); 0 stands for one that has become shorter). Write a new \
                file and rename it, instead of changing one that is served.
                """
        )
    }
}
