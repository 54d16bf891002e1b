/// The body of a request, read as it arrives.
///
/// Iterate over it for its chunks, or ``collect(upTo:)`` it. Either can be done once, by one task, from any thread. While
/// nobody reads, at most 64 KiB are held, and then reading from the socket stops: the client waits.
public struct RequestBody: Sendable, AsyncSequence {
    /// Some bytes of the body; never empty.
    public typealias Element = [UInt8]

    /// Where a body comes from, and what is to be done while it is read.
    fileprivate struct Source: Sendable {
        let stream: BodyStream
        var limit: Int?
        var lateReader: (@Sendable () -> String?)?
        var atEnd: (@Sendable () -> Void)?
    }

    private final class Box: Sendable {
        let source: Source

        init(_ source: Source) { self.source = source }
    }

    /// In a box, since each step of a chain copies its request, and most have no body: then it is `nil`.
    private let box: Box?

    init(_ stream: BodyStream?) { self.init(stream.map { Source(stream: $0) }) }

    private init(_ source: Source?) { box = source.map { Box($0) } }

    private func with(_ change: (inout Source) -> Void) -> RequestBody {
        guard var source = box?.source else { return self }
        change(&source)
        return RequestBody(source)
    }

    /// The same body, whose `requestEnded` error also says what `lateReader` has to tell of whoever came too late.
    ///
    /// - Parameter lateReader: A sentence; it is asked on the thread that reads.
    /// - Returns: The body.
    func explainingLateReads(_ lateReader: @escaping @Sendable () -> String?) -> RequestBody {
        with { $0.lateReader = lateReader }
    }

    /// The same body, which calls when somebody has read it to its end.
    ///
    /// - Parameter atEnd: Called on the thread that reads, in the context of whoever reads.
    /// - Returns: The body.
    func noticingEnd(_ atEnd: @escaping @Sendable () -> Void) -> RequestBody {
        with { $0.atEnd = atEnd }
    }

    /// The same body, of which a reader gets at most so many bytes.
    ///
    /// It takes the place of the limit that the server is configured with, and may be lower or higher.
    ///
    /// - Parameter limit: The most bytes to accept; beyond it reading fails with `tooLarge`.
    /// - Returns: The body, for iterating over it.
    public func limited(to limit: Int) -> RequestBody {
        with { $0.limit = limit }
    }

    /// Whether the request has no body at all.
    public var isEmpty: Bool { box == nil }

    /// Reads the whole body into memory.
    ///
    /// - Parameter limit: The most bytes to accept, in the place of the limit that the server is configured with; it may be
    ///   lower or higher.
    /// - Returns: All bytes of the body; empty where there is none.
    /// - Throws: ``RequestBodyError``: `tooLarge` beyond the limit, `clientLeft`, `timedOut` or `malformed` where it does not
    ///   arrive whole, `alreadyRead` the second time, `requestEnded` after the response.
    public func collect(upTo limit: Int? = nil) async throws(RequestBodyError) -> [UInt8] {
        guard let source = box?.source else { return [] }
        do throws(RequestBodyError) {
            try source.stream.claim(limit: limit ?? source.limit)
            var bytes: [UInt8] = []
            while let chunk = try await source.stream.next() {
                if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
            }
            source.atEnd?()
            return bytes
        } catch {
            throw error.told(of: source.lateReader)
        }
    }

    /// Begins to read the chunks of the body.
    ///
    /// - Returns: An iterator for one task.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: box?.source) }

    /// Reads the chunks of a body.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let source: Source?
        private var isClaimed = false

        fileprivate init(source: Source?) { self.source = source }

        /// The next bytes of the body, once they are there.
        ///
        /// - Returns: Some bytes, or `nil` after the last.
        /// - Throws: ``RequestBodyError``, as ``RequestBody/collect(upTo:)`` does.
        public mutating func next() async throws(RequestBodyError) -> [UInt8]? {
            guard let source else { return nil }
            do throws(RequestBodyError) {
                if !isClaimed {
                    try source.stream.claim(limit: source.limit)
                    isClaimed = true
                }
                let chunk = try await source.stream.next()
                if chunk == nil { source.atEnd?() }
                return chunk
            } catch {
                throw error.told(of: source.lateReader)
            }
        }
    }
}
