/// The body of a request, read as it arrives.
///
/// Iterate over it for its chunks, or ``collect(upTo:)`` it. Either can be done once, by one task, from any thread. While
/// nobody reads, at most 64 KiB are held, and then reading from the socket stops: the client waits.
public struct RequestBody: Sendable, AsyncSequence {
    /// Some bytes of the body; never empty.
    public typealias Element = [UInt8]

    /// `nil` for a request without a body.
    private let stream: BodyStream?
    private var limit: Int?
    private var lateReader: (@Sendable () -> String?)?
    private var atEnd: (@Sendable () -> Void)?

    init(_ stream: BodyStream?) { self.stream = stream }

    /// The same body, whose `requestEnded` error also says what `lateReader` has to tell of whoever came too late.
    ///
    /// - Parameter lateReader: A sentence; it is asked on the thread that reads.
    /// - Returns: The body.
    func explainingLateReads(_ lateReader: @escaping @Sendable () -> String?) -> RequestBody {
        var body = self
        body.lateReader = lateReader
        return body
    }

    /// The same body, which calls when somebody has read it to its end.
    ///
    /// - Parameter atEnd: Called on the thread that reads, in the context of whoever reads.
    /// - Returns: The body.
    func noticingEnd(_ atEnd: @escaping @Sendable () -> Void) -> RequestBody {
        var body = self
        body.atEnd = atEnd
        return body
    }

    /// The same body, of which a reader gets at most so many bytes.
    ///
    /// It takes the place of the limit that the server is configured with, and may be lower or higher.
    ///
    /// - Parameter limit: The most bytes to accept; beyond it reading fails with `tooLarge`.
    /// - Returns: The body, for iterating over it.
    public func limited(to limit: Int) -> RequestBody {
        var body = self
        body.limit = limit
        return body
    }

    /// Whether the request has no body at all.
    public var isEmpty: Bool { stream == nil }

    /// Reads the whole body into memory.
    ///
    /// - Parameter limit: The most bytes to accept, in the place of the limit that the server is configured with; it may be
    ///   lower or higher.
    /// - Returns: All bytes of the body; empty where there is none.
    /// - Throws: ``RequestBodyError``: `tooLarge` beyond the limit, `clientLeft`, `timedOut` or `malformed` where it does not
    ///   arrive whole, `alreadyRead` the second time, `requestEnded` after the response.
    public func collect(upTo limit: Int? = nil) async throws(RequestBodyError) -> [UInt8] {
        guard let stream else { return [] }
        do throws(RequestBodyError) {
            try stream.claim(limit: limit ?? self.limit)
            var bytes: [UInt8] = []
            while let chunk = try await stream.next() {
                if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
            }
            atEnd?()
            return bytes
        } catch {
            throw error.told(of: lateReader)
        }
    }

    /// Begins to read the chunks of the body.
    ///
    /// - Returns: An iterator for one task.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(stream: stream, limit: limit, lateReader: lateReader, atEnd: atEnd)
    }

    /// Reads the chunks of a body.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let stream: BodyStream?
        private let limit: Int?
        private let lateReader: (@Sendable () -> String?)?
        private let atEnd: (@Sendable () -> Void)?
        private var isClaimed = false

        fileprivate init(
            stream: BodyStream?,
            limit: Int?,
            lateReader: (@Sendable () -> String?)?,
            atEnd: (@Sendable () -> Void)?
        ) {
            self.stream = stream
            self.limit = limit
            self.lateReader = lateReader
            self.atEnd = atEnd
        }

        /// The next bytes of the body, once they are there.
        ///
        /// - Returns: Some bytes, or `nil` after the last.
        /// - Throws: ``RequestBodyError``, as ``RequestBody/collect(upTo:)`` does.
        public mutating func next() async throws(RequestBodyError) -> [UInt8]? {
            guard let stream else { return nil }
            do throws(RequestBodyError) {
                if !isClaimed {
                    try stream.claim(limit: limit)
                    isClaimed = true
                }
                let chunk = try await stream.next()
                if chunk == nil { atEnd?() }
                return chunk
            } catch {
                throw error.told(of: lateReader)
            }
        }
    }
}
