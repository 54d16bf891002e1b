import Synchronization

/// Makes one stream of bytes smaller, piece by piece.
///
/// What the calls return, one behind the other, is the encoded content. It may be used from any thread; a call takes the
/// processor for as long as it lasts, and holds back other calls of the same encoder.
public final class ContentEncoder: Sendable {
    private struct State {
        let codec: any Codec
        /// The end was written, or the library has failed: nothing can follow.
        var isOver = false
    }

    private let state: Mutex<State>

    /// Creates an encoder, which takes its memory with the first bytes.
    ///
    /// - Parameters:
    ///   - coding: The coding.
    ///   - effort: How much work to put into it.
    public init(_ coding: ContentCoding, effort: ContentCoding.Effort = .balanced) {
        state = Mutex(State(codec: coding.makeCodec(effort)))
    }

    /// Encodes some bytes.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - flush: Whether the receiver must be able to read all that was put in so far; without it some is kept back for
    ///     a smaller whole.
    /// - Returns: What comes out, which may be nothing yet.
    /// - Throws: ``ContentCodingError``.
    public func encode(_ bytes: [UInt8], flush: Bool = false) throws(ContentCodingError) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        return try process(bytes, flush ? .flush : .continue)
    }

    /// Ends the stream; what it returns belongs to it.
    ///
    /// - Parameter bytes: The last bytes.
    /// - Returns: The end.
    /// - Throws: ``ContentCodingError``.
    public func finish(_ bytes: [UInt8] = []) throws(ContentCodingError) -> [UInt8] { try process(bytes, .finish) }

    private func process(_ bytes: [UInt8], _ operation: CodecOperation) throws(ContentCodingError) -> [UInt8] {
        try state.withLock { state throws(ContentCodingError) in
            guard !state.isOver else { throw .finished }
            var output: [UInt8] = []
            let codec = state.codec
            // Read within the call, and kept by nobody.
            let isDone = unsafe bytes.withUnsafeBytes { unsafe codec.process($0, operation, into: &output) }
            state.isOver = !isDone || operation == .finish
            guard isDone else { throw .failed }
            return output
        }
    }
}
