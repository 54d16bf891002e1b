import ContextPool
import EventServer
import Synchronization

extension MiddlewareChain {
    /// What lies behind a step: how long it took, and whether it has failed.
    private final class Inside: Sendable {
        private struct State {
            var duration = Duration.zero
            var hasFailed = false
        }

        private let state = Mutex(State())

        var duration: Duration { state.withLock { $0.duration } }
        var hasFailed: Bool { state.withLock { $0.hasFailed } }

        func add(_ duration: Duration, hasFailed: Bool) {
            state.withLock { state in
                state.duration += duration
                state.hasFailed = hasFailed
            }
        }
    }

    /// The chain around a handler, with a clock at each step: two readings and an allocation for each.
    func handler(endingIn handler: @escaping Handler, observedBy observer: any StepObserver) -> Handler {
        let end: Handler = { request, context in
            try await Self.timed {
                try await handler(request, context)
            } end: { duration, hasFailed in
                observer.stepEnded("handler", after: duration, hasFailed: hasFailed)
            }
        }
        return steps.reversed()
            .reduce(end) { inner, step in
                { request, context in
                    let inside = Inside()
                    let next = Next { request, context in
                        try await Self.timed {
                            try await inner(request, context)
                        } end: {
                            inside.add($0, hasFailed: $1)
                        }
                    }
                    return try await Self.timed {
                        try await step.middleware.handle(request, in: context, next: next)
                    } end: { duration, hasFailed in
                        let own = max(.zero, duration - inside.duration)
                        observer.stepEnded(step.name, after: own, hasFailed: hasFailed && !inside.hasFailed)
                    }
                }
            }
    }

    private static func timed(
        _ operation: () async throws -> Response,
        end: (Duration, Bool) -> Void
    ) async throws -> Response {
        let start = ContinuousClock.now
        do {
            let response = try await operation()
            end(start.duration(to: .now), false)
            return response
        } catch {
            end(start.duration(to: .now), true)
            throw error
        }
    }
}
