import CLibevent

extension Socket {
    /// Sends from `file`, beginning at `offset`, as much as the system takes at once of `count` bytes.
    ///
    /// The bytes go from the system's cache to the socket and never through this process. What is not in the cache is read
    /// from the disk meanwhile, and the loop waits for it.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - offset: Where to begin; moved behind what was sent.
    ///   - count: How many bytes to send at most.
    /// - Returns: How many bytes were sent, or why none: `ended` means that the file has become shorter, and that what was
    ///   promised to the client cannot be sent.
    func send(_ file: OpenFile, from offset: inout Int, count: Int) -> Transfer {
        guard count > 0 else { return .bytes(0) }
        var position = off_t(offset)
        // There is no MSG_NOSIGNAL here: the server ignores SIGPIPE as a whole.
        let sent = unsafe sendfile(descriptor, file.descriptor, &position, count)
        if sent > 0 {
            offset += sent
            return .bytes(sent)
        }
        if sent == 0 { return .ended }
        return Self.isTransient(baton_errno()) ? .wouldBlock : .failed
    }
}
