import EventServer
import Logging
import Middleware
import Synchronization

/// Answers each request by the generation that is current when it comes.
///
/// The swap is one reference under a lock that is held for no longer than it takes to copy that.
final class Generations: RespondersInTurn {
    private struct State {
        var current: Generation?
        /// The one before, which is kept running while the current one is on probation.
        var previous: Generation?
        var lastNumber = 0
        /// Generations whose plug-ins are not stopped yet.
        var alive: Set<Int> = []
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// The generation that new requests begin in.
    var generation: Generation? { state.withLock { $0.current } }

    /// Who answers them.
    var current: any Responder {
        guard let generation else { return self }
        return generation.faults == nil ? generation.responder : generation
    }

    /// How many generations have plug-ins that are not stopped yet.
    var aliveCount: Int { state.withLock { $0.alive.count } }

    // Whichever generations come: a loop prepares itself once.
    func prepareLoop() { EventLoopThread.markCurrent() }

    func respond(to request: Request) async -> Response {
        // Nobody is served before the first one, nor after the last.
        guard let generation else { return .text("The server is stopping.\n", status: .serviceUnavailable) }
        return await generation.respond(to: request)
    }

    /// A new number, and what the requests of that generation are to hold on to.
    ///
    /// - Parameter plugins: What is stopped when the generation has ended.
    /// - Returns: Both.
    func makeLease(of plugins: StartedPlugins) -> (number: Int, lease: GenerationLease) {
        let number = state.withLock { state in
            state.lastNumber += 1
            state.alive.insert(state.lastNumber)
            return state.lastNumber
        }
        let lease = GenerationLease { [self] in
            Task {
                await plugins.stop()
                ended(number)
            }
        }
        return (number, lease)
    }

    /// Makes a generation the current one.
    ///
    /// - Parameters:
    ///   - generation: The generation.
    ///   - keepsPrevious: Whether the one before stays ready to be returned to.
    func swap(to generation: Generation, keepingPrevious keepsPrevious: Bool) {
        // What was there before dies outside of the lock: with it its plug-ins may end.
        _ = state.withLock { state in
            defer {
                state.previous = keepsPrevious ? state.current : nil
                state.current = generation
            }
            return (state.current, state.previous)
        }
    }

    /// Goes back to the generation before, where that is still kept; the number of it.
    func rollBack(from number: Int) -> Int? {
        let (back, _) = state.withLock { state -> (Int?, Generation?) in
            guard let failed = state.current, failed.number == number, let previous = state.previous else {
                return (nil, nil)
            }
            state.current = previous
            state.previous = nil
            return (previous.number, failed)
        }
        return back
    }

    /// Ends the probation of a generation: there is no way back any more.
    func settle(_ number: Int) {
        _ = state.withLock { state in
            state.current?.number == number ? state.previous.take() : nil
        }
    }

    /// Lets go of all generations, for a server that has ended.
    func close() {
        _ = state.withLock { state in (state.current.take(), state.previous.take()) }
    }

    /// Waits until the plug-ins of all generations have been stopped.
    ///
    /// - Parameter limit: For how long at most.
    /// - Returns: How many generations were left behind.
    func waitForEnd(within limit: Duration) async -> Int {
        let patience = Mutex<Task<Void, any Error>?>(nil)
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.alive.isEmpty { state.waiters.append(continuation) }
                return state.alive.isEmpty
            }
            guard !isOver else { return continuation.resume() }
            // Begun last: a short one could be over before there is anybody to wake.
            let waking = Task {
                try await Task.sleep(for: limit)
                wakeWaiters()
            }
            patience.withLock { $0 = waking }
        }
        patience.withLock { $0 }?.cancel()
        return aliveCount
    }

    private func ended(_ number: Int) {
        let isLast = state.withLock { state in
            state.alive.remove(number)
            return state.alive.isEmpty
        }
        if isLast { wakeWaiters() }
    }

    private func wakeWaiters() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
