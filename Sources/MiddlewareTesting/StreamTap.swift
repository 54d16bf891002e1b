import EventServer
import Synchronization

/// Both ends of a streamed response: what a handler writes, and what a client gets of it.
final class StreamTap: Sendable {
    private struct State {
        var isDone = false
        var taken = 0
        var takenBeforeEnd = 0
        var wasHeldBack = true
    }

    private let state = Mutex(State())

    /// What is wrong with what stands between the ends.
    var fault: String? {
        state.withLock { state in
            guard state.isDone else { return nil }
            guard state.takenBeforeEnd > 0 else { return "nothing of the stream was sent before all of it was made" }
            return state.wasHeldBack ? nil : "the whole stream was taken from the handler while the client took nothing"
        }
    }

    /// Writes 256 KiB that nobody can compress.
    func produce(_ writer: ResponseWriter) async throws {
        let chunk = Self.randomBytes(4096)
        for turn in 0..<64 { try await writer.write(chunk.map { $0 &+ UInt8(turn) }) }
        state.withLock { state in
            state.isDone = true
            state.takenBeforeEnd = state.taken
        }
    }

    /// Takes bytes, and lets the others run for a while before the first are taken.
    func take(_ bytes: [UInt8]) async {
        if state.withLock(\.taken) == 0 {
            for _ in 0..<2000 where !state.withLock(\.isDone) { await Task.yield() }
            state.withLock { state in
                if state.isDone { state.wasHeldBack = false }
            }
        }
        state.withLock { $0.taken += bytes.count }
    }

    private static func randomBytes(_ count: Int) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<count).map { _ in random.next() }
    }
}
