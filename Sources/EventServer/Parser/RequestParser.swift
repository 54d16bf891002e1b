/// Reads HTTP/1.1 requests (RFC 9112) out of bytes, wherever those come from: no socket, no clock, no thread in sight.
///
/// It is strict: what two readers could understand differently is refused, never repaired, because that difference is how
/// requests are smuggled. It keeps its place between calls, so that bytes may arrive in any pieces, and looks at each
/// byte of a header section a fixed number of times however it is cut up.
struct RequestParser {
    /// What was found in the bytes.
    enum Event {
        /// A header section. What follows of this request are `body` events, then `end`.
        case head(RequestHead)
        /// A piece of the body, as a range of the bytes that were passed in.
        case body(Range<Int>)
        /// The request is complete.
        case end
    }

    enum State {
        case head(scanned: Int, lineStart: Int)
        case fixedBody(remaining: UInt64)
        case chunkSize
        case chunkData(remaining: UInt64)
        case chunkEnd
        case trailers(size: Int)
        case complete
    }

    let limits: ParserLimits
    var state = State.head(scanned: 0, lineStart: 0)
    /// Bytes of chunk extensions of the current request that no data stands against.
    var extensionSize = 0
    private var hasSkippedLine = false

    init(limits: ParserLimits = ParserLimits()) { self.limits = limits }

    /// Whether the parser stands between two requests, with nothing of the next one seen.
    var isBetweenRequests: Bool {
        if case .head(scanned: 0, lineStart: _) = state { true } else { false }
    }

    /// Reads on.
    ///
    /// - Parameters:
    ///   - input: All bytes that were not consumed so far, in one piece.
    ///   - offset: Where in `input` to go on; moved past what was consumed. What is not consumed must be in `input` again
    ///     next time, at the place that `offset` has then.
    /// - Returns: What was found, or `nil` where more bytes are needed.
    /// - Throws: Why the request is refused. The place of the next request is unknown then: nothing may be read any more.
    mutating func next(_ input: Span<UInt8>, at offset: inout Int) throws(RequestRefusal) -> Event? {
        while true {
            switch state {
            case .head(let scanned, let lineStart):
                return try nextHead(input, at: &offset, scanned: scanned, lineStart: lineStart)
            case .fixedBody(let remaining):
                return nextData(input, at: &offset, remaining: remaining) {
                    .fixedBody(remaining: $0)
                } orEnd: {
                    .complete
                }
            case .chunkData(let remaining):
                return nextData(input, at: &offset, remaining: remaining) {
                    .chunkData(remaining: $0)
                } orEnd: {
                    .chunkEnd
                }
            case .chunkSize:
                guard try readChunkSize(input, at: &offset) else { return nil }
            case .chunkEnd:
                guard try readChunkEnd(input, at: &offset) else { return nil }
            case .trailers(let size):
                guard try readTrailer(input, at: &offset, size: size) else { return nil }
            case .complete:
                state = .head(scanned: 0, lineStart: 0)
                return .end
            }
        }
    }

    /// Finds the end of the header section, then reads it.
    private mutating func nextHead(
        _ input: Span<UInt8>,
        at offset: inout Int,
        scanned: Int,
        lineStart: Int
    ) throws(RequestRefusal) -> Event? {
        // Bytes beyond the limit are not looked at, so that a refusal does not depend on how the bytes were cut up.
        let limit = min(max(0, limits.header), FieldPlace.limit)
        let isTooLarge = input.count - offset > limit
        let end = isTooLarge ? offset + limit : input.count
        var lineStart = lineStart
        var position = offset + scanned
        while let lineFeed = input.firstIndex(of: ASCII.lineFeed, in: position..<end) {
            if lineStart == 0 { try checkRequestLine(size: lineFeed - offset) }
            guard lineFeed > offset, input[lineFeed - 1] == ASCII.carriageReturn else { throw .bareLF }
            let isEmpty = lineFeed - 1 == offset + lineStart
            position = lineFeed + 1
            lineStart = position - offset
            guard isEmpty else { continue }
            if lineStart == 2 {
                // RFC 9112, section 2.2: an empty line in front of the request line is skipped. Only one is, as a limit.
                guard !hasSkippedLine else { throw .requestLine }
                hasSkippedLine = true
                offset = position
                return try nextHead(input, at: &offset, scanned: 0, lineStart: 0)
            }
            let head = try readHead(input, offset..<(lineFeed - 1))
            offset = position
            begin(head)
            return .head(head)
        }
        if lineStart == 0 { try checkRequestLine(size: end - offset) }
        guard !isTooLarge else { throw .headerTooLarge }
        state = .head(scanned: end - offset, lineStart: lineStart)
        return nil
    }

    private func checkRequestLine(size: Int) throws(RequestRefusal) {
        // A method and a version take at most 43 bytes beside the target, so a line that has not ended here is too long.
        if size - 64 >= limits.target { throw .targetTooLong }
    }

    private mutating func begin(_ head: RequestHead) {
        extensionSize = 0
        hasSkippedLine = false
        state =
            switch head.framing {
            case .none, .length(0): .complete
            case .length(let length): .fixedBody(remaining: length)
            case .chunked: .chunkSize
            }
    }

    /// How many bytes are still to come of a body of known length, of which none but those come next; 0 elsewhere.
    var bodyLeft: UInt64 { if case .fixedBody(let remaining) = state { remaining } else { 0 } }

    /// Goes on as if it had seen `count` more bytes of the body, which are at most ``bodyLeft``.
    mutating func skipBody(_ count: Int) {
        guard case .fixedBody(let remaining) = state, count >= 0, UInt64(count) <= remaining else { return }
        state = UInt64(count) == remaining ? .complete : .fixedBody(remaining: remaining - UInt64(count))
    }

    private mutating func nextData(
        _ input: Span<UInt8>,
        at offset: inout Int,
        remaining: UInt64,
        orMore more: (UInt64) -> State,
        orEnd end: () -> State
    ) -> Event? {
        let available = input.count - offset
        guard available > 0 else { return nil }
        // `available` bounds the count, so that a length beyond `Int` cannot trap.
        let count = remaining < UInt64(available) ? Int(remaining) : available
        let left = remaining - UInt64(count)
        state = left == 0 ? end() : more(left)
        defer { offset += count }
        return .body(offset..<(offset + count))
    }
}
