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

    /// What stands at the end, measured as `handler`.
    static func end(_ handler: @escaping Handler, observedBy observer: any StepObserver) -> Handler {
        { request, context in
            try await timed {
                try await handler(request, context)
            } end: { duration, hasFailed in
                observer.stepEnded("handler", after: duration, hasFailed: hasFailed)
            }
        }
    }

    /// The chain around a handler, with a clock at each step: two readings and an allocation for each.
    ///
    /// Whoever observes is told of these steps alone, and of what is inside of them by who has put that there.
    package func handler(endingIn handler: @escaping Handler, observedBy observer: any StepObserver) -> Handler {
        var handler = handler
        for step in steps.reversed() { handler = Self.wrap(handler, in: step, observedBy: observer) }
        return handler
    }

    private static func wrap(
        _ inner: @escaping Handler,
        in step: Step,
        observedBy observer: any StepObserver
    ) -> Handler {
        let preparing = step.middleware as? any PreparingMiddleware
        return { request, context in
            let inside = Inside()
            let next = Next { request, context in
                try await timed {
                    try await inner(request, context)
                } end: {
                    inside.add($0, hasFailed: $1)
                }
            }
            return try await timed {
                if let preparing, !preparing.needsToWait(for: request) {
                    try preparing.prepare(request, in: context)
                    return try await next(request, in: context)
                }
                return try await step.middleware.handle(request, in: context, next: next)
            } end: { duration, hasFailed in
                let own = max(.zero, duration - inside.duration)
                observer.stepEnded(step.name, after: own, hasFailed: hasFailed && !inside.hasFailed)
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
