/// The pieces of a temporary file.
public struct FileChunks: AsyncSequence, Sendable {
    /// Some bytes of the file; never empty.
    public typealias Element = [UInt8]

    let file: TemporaryFile
    let size: Int

    /// Begins at the start of the file.
    ///
    /// - Returns: An iterator for one task.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(file: file, size: size) }

    /// Reads the pieces of a file.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let file: TemporaryFile
        fileprivate let size: Int
        private var offset: UInt64 = 0

        fileprivate init(file: TemporaryFile, size: Int) {
            self.file = file
            self.size = size
        }

        /// The next piece, read by a worker.
        ///
        /// - Returns: Some bytes, or `nil` at the end of the file.
        /// - Throws: ``TemporaryFileError``; `ContextPoolError` where the pool has no room.
        public mutating func next() async throws -> [UInt8]? {
            let bytes = try await file.read(at: offset, upTo: size)
            offset += UInt64(bytes.count)
            return bytes.isEmpty ? nil : bytes
        }
    }
}
