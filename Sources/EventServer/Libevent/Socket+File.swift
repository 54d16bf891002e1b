import CLibevent

extension Socket {
    /// Sends from a file, at most `count` bytes, as many as the system takes at once; `offset` moves past them.
    ///
    /// - Returns: `.ended` where the file is shorter than that.
    func send(_ file: OpenFile, from offset: inout Int, count: Int) -> Transfer {
        var position = off_t(offset)
        let sent = unsafe sendfile(descriptor, file.descriptor, &position, count)
        guard sent >= 0 else { return Self.isTransient(baton_errno()) ? .wouldBlock : .failed }
        guard sent > 0 else { return .ended }
        offset += sent
        return .bytes(sent)
    }
}
