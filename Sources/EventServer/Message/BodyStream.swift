import Synchronization

/// The bytes of one body between the connection that receives them and the task that reads them.
///
/// The connection appends on its loop; the reader may be on any thread. It knows no socket: what the connection must do
/// when somebody wants bytes is a closure.
final class BodyStream: Sendable {
    private enum End: Equatable {
        case complete
        case failed(RequestBodyError)
    }

    private struct State {
        var bytes: [UInt8] = []
        var end: End?
        var reader: CheckedContinuation<Bool, Never>?
        var isClaimed = false
        /// The connection does not deliver until somebody wants more.
        var isPaused: Bool
        var limit: Int
        var delivered = 0
        var hasOverflowed = false
    }

    /// How many unread bytes are held before the connection stops to read.
    static let watermark = 65_536

    private let state: Mutex<State>
    /// The length that the header section has announced.
    private let declared: UInt64?
    private let onDemand: @Sendable (BodyStream) -> Void

    /// - Parameters:
    ///   - limit: The most bytes that a reader gets, unless it asks for more or less.
    ///   - declared: How long the body says it is, if it does.
    ///   - isPaused: Whether the first bytes come only once they are asked for.
    ///   - onDemand: Called, on the reader's thread, when a paused stream is asked for more.
    init(
        limit: Int = .max,
        declared: UInt64? = nil,
        isPaused: Bool,
        onDemand: @escaping @Sendable (BodyStream) -> Void
    ) {
        state = Mutex(State(isPaused: isPaused, limit: limit))
        self.declared = declared
        self.onDemand = onDemand
    }

    /// Makes the caller the one reader, with a limit of its own where it has one.
    func claim(limit: Int? = nil) throws(RequestBodyError) {
        try state.withLock { state throws(RequestBodyError) in
            if case .failed(let error) = state.end { throw error }
            guard !state.isClaimed else { throw .alreadyRead }
            state.isClaimed = true
            if let limit { state.limit = max(0, limit) }
        }
    }

    /// Whether the body was refused since it is larger than its reader takes.
    var hasOverflowed: Bool { state.withLock(\.hasOverflowed) }

    /// All bytes that have arrived, once there are any; `nil` at the end.
    func next() async throws(RequestBodyError) -> [UInt8]? {
        enum Step {
            case chunk([UInt8])
            case end
            case wait
        }
        while true {
            let (step, wantsMore) = try state.withLock { state throws(RequestBodyError) -> (Step, Bool) in
                if case .failed(let error) = state.end { throw error }
                try checkLimit(&state)
                let wantsMore = state.isPaused && state.end == nil
                if wantsMore { state.isPaused = false }
                guard state.bytes.isEmpty else {
                    state.delivered += state.bytes.count
                    defer { state.bytes = [] }
                    return (.chunk(state.bytes), wantsMore)
                }
                return (state.end == nil ? .wait : .end, wantsMore)
            }
            if wantsMore { onDemand(self) }
            switch step {
            case .chunk(let bytes): return bytes
            case .end: return nil
            case .wait: try await waitForChange()
            }
        }
    }

    /// Fails the body where it is longer than its reader takes, or says that it will be.
    ///
    /// Looked at when bytes are asked for and not when they arrive: until then the reader may set a limit of its own, and
    /// what arrives unasked is bounded by the watermark.
    private func checkLimit(_ state: inout State) throws(RequestBodyError) {
        let isTooLong = declared.map { $0 > UInt64(max(0, state.limit)) } ?? false
        guard isTooLong || state.bytes.count > state.limit - state.delivered else { return }
        state.hasOverflowed = true
        state.bytes = []
        state.end = .failed(.tooLarge(limit: state.limit))
        throw .tooLarge(limit: state.limit)
    }

    private func waitForChange() async throws(RequestBodyError) {
        let isFree = await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
            let isReady = state.withLock { state -> Bool? in
                guard state.bytes.isEmpty, state.end == nil else { return true }
                guard state.reader == nil else { return false }
                state.reader = continuation
                return nil
            }
            if let isReady { continuation.resume(returning: isReady) }
        }
        // A copied iterator may wait in a second task; one of the two would never wake.
        guard isFree else { throw .alreadyRead }
    }

    /// Takes bytes in.
    ///
    /// - Returns: Whether the connection shall stop to read until `onDemand` is called.
    func append(_ bytes: [UInt8]) -> Bool {
        change { state in
            guard state.end == nil else { return false }
            if state.bytes.isEmpty { state.bytes = bytes } else { state.bytes += bytes }
            state.isPaused = state.bytes.count >= Self.watermark
            return state.isPaused
        }
    }

    /// All bytes are there.
    func finish() { change { if $0.end == nil { $0.end = .complete } } }

    /// No more bytes will come.
    func fail(_ error: RequestBodyError) { change { if $0.end == nil { $0.end = .failed(error) } } }

    /// The request has ended: what was not read is gone.
    ///
    /// A stream that was read to its end stays as it is.
    func revoke() {
        change { state in
            if case .complete = state.end, state.bytes.isEmpty, state.isClaimed { return }
            state.bytes = []
            state.end = .failed(.requestEnded)
        }
    }

    @discardableResult
    private func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        let (result, reader) = state.withLock { state in
            let result = body(&state)
            defer { state.reader = nil }
            return (result, state.reader)
        }
        reader?.resume(returning: true)
        return result
    }
}
