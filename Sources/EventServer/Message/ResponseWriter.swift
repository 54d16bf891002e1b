import Synchronization

/// Sends the body of a streamed response, piece by piece.
///
/// It may be used from any thread and by several tasks; what one call writes stays together. It holds back who writes
/// faster than the client reads.
public final class ResponseWriter: Sendable {
    private struct State {
        var trailers = ResponseFields()
        var isFinished = false
    }

    /// Who takes the bytes.
    private enum Reader {
        case client(LoopBound<Connection>, exchange: Int)
        case sink(@Sendable ([UInt8]) async throws(ResponseWriterError) -> Void)
    }

    private let reader: Reader
    private let state = Mutex(State())

    init(connection: LoopBound<Connection>, exchange: Int) {
        reader = .client(connection, exchange: exchange)
    }

    /// Creates a writer in front of another one, or of none.
    ///
    /// For middleware that changes what a producer writes, and for tests of producers. ``end()`` closes it.
    ///
    /// - Parameter sink: Receives what is written, unless it is empty; where several tasks write, from several at a time.
    public init(sink: @escaping @Sendable ([UInt8]) async throws(ResponseWriterError) -> Void) {
        reader = .sink(sink)
    }

    /// Sends bytes, and returns when there is room for more.
    ///
    /// They are on their way when it returns: nothing is kept back to make larger pieces.
    ///
    /// - Parameter bytes: What to send; nothing happens where it is empty.
    /// - Throws: ``ResponseWriterError``: `clientLeft` when the connection is gone, `tooLong` beyond the length that was
    ///   promised, `finished` after the end.
    public func write(_ bytes: [UInt8]) async throws(ResponseWriterError) {
        guard !state.withLock(\.isFinished) else { throw .finished }
        guard !bytes.isEmpty else { return }
        guard case .client(let connection, let exchange) = reader else {
            if case .sink(let sink) = reader { try await sink(bytes) }
            return
        }
        let refusal = await withCheckedContinuation { (room: CheckedContinuation<ResponseWriterError?, Never>) in
            connection.run {
                $0.write(bytes, to: exchange, whenRoom: room)
            } orElse: {
                room.resume(returning: .clientLeft)
            }
        }
        if let refusal { throw refusal }
    }

    /// Sends a text in UTF-8, and returns when there is room for more.
    ///
    /// - Parameter text: What to send.
    /// - Throws: ``ResponseWriterError``, as for bytes.
    public func write(_ text: String) async throws(ResponseWriterError) { try await write(Array(text.utf8)) }

    /// Lets nothing more be written; the body is complete when its producer returns, with or without this call.
    ///
    /// - Parameter trailers: Fields that are sent behind the body (RFC 9110, section 6.5). They reach the client only where
    ///   the body has no `Content-Length` and the client speaks HTTP/1.1. Fields that frame, route, authenticate or control
    ///   a message may not stand there; they end the response as an error would, and so do values with control characters.
    public func finish(trailers: ResponseFields = ResponseFields()) {
        state.withLock { state in
            guard !state.isFinished else { return }
            state.isFinished = true
            state.trailers = trailers
        }
    }

    /// Closes the writer; for who has made it.
    ///
    /// - Returns: The trailers that ``finish(trailers:)`` was given.
    @discardableResult
    public func end() -> ResponseFields {
        state.withLock { state in
            state.isFinished = true
            return state.trailers
        }
    }
}
