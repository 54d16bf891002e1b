/// The body of a request, read as it arrives.
///
/// Iterate over it for its chunks, or ``collect(upTo:)`` it. Either can be done once, by one task, from any thread. While
/// nobody reads, at most 64 KiB are held, and then reading from the socket stops: the client waits.
public struct RequestBody: Sendable, AsyncSequence {
    /// Some bytes of the body; never empty.
    public typealias Element = [UInt8]

    /// `nil` for a request without a body.
    private let stream: BodyStream?

    init(_ stream: BodyStream?) { self.stream = stream }

    /// Whether the request has no body at all.
    public var isEmpty: Bool { stream == nil }

    /// Reads the whole body into memory.
    ///
    /// - Parameter limit: The most bytes to accept; without it, what the server accepts.
    /// - Returns: All bytes of the body; empty where there is none.
    /// - Throws: ``RequestBodyError``: `tooLarge` beyond the limit, `clientLeft`, `timedOut` or `malformed` where it does not
    ///   arrive whole, `alreadyRead` the second time, `requestEnded` after the response.
    public func collect(upTo limit: Int = .max) async throws(RequestBodyError) -> [UInt8] {
        guard let stream else { return [] }
        try stream.claim()
        var bytes: [UInt8] = []
        while let chunk = try await stream.next() {
            guard chunk.count <= limit - bytes.count else { throw .tooLarge(limit: limit) }
            if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
        }
        return bytes
    }

    /// Begins to read the chunks of the body.
    ///
    /// - Returns: An iterator for one task.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: stream) }

    /// Reads the chunks of a body.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let stream: BodyStream?
        private var isClaimed = false

        fileprivate init(stream: BodyStream?) { self.stream = stream }

        /// The next bytes of the body, once they are there.
        ///
        /// - Returns: Some bytes, or `nil` after the last.
        /// - Throws: ``RequestBodyError``, as ``RequestBody/collect(upTo:)`` does.
        public mutating func next() async throws(RequestBodyError) -> [UInt8]? {
            guard let stream else { return nil }
            if !isClaimed {
                try stream.claim()
                isClaimed = true
            }
            return try await stream.next()
        }
    }
}
