import ContextPool
import EventServer
import HTTPTypes
import Middleware
import Synchronization

/// Stands outside of the tested middleware, and sees for one request what it does with `next` and the context.
final class LawProbe: Middleware {
    private struct State {
        var calls = 0
        var context: ObjectIdentifier?
        var task: Int?
        var outcome: Result<Response, any Error>?
    }

    /// A header field that a handler writes for the test.
    static let marker = HTTPField.Name("x-law-marker") ?? .age

    private enum Mark: ContextKey {
        static let name = "law.mark"
        static let defaultValue = 0
    }

    private let request: TestRequest
    private let trial: LawTrial
    private let state = Mutex(State())

    init(_ request: TestRequest, trial: LawTrial) {
        self.request = request
        self.trial = trial
    }

    /// How often the rest of the chain was called.
    var calls: Int { state.withLock(\.calls) }

    /// What came out of the middleware.
    var outcome: Result<Response, any Error>? { state.withLock(\.outcome) }

    func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        state.withLock { state in
            state.context = ObjectIdentifier(context)
            state.task = TaskIdentity.current
        }
        context.updateValues { $0[Mark.self] = 7 }
        let outcome: Result<Response, any Error>
        do {
            outcome = .success(try await next(request, in: context))
        } catch {
            outcome = .failure(error)
        }
        state.withLock { $0.outcome = outcome }
        check(RequestContext.current, "after it has returned, the current context")
        return try outcome.get()
    }

    /// The rest of the chain was called.
    func enterHandler(_ context: RequestContext) {
        let (calls, task) = state.withLock { state in
            state.calls += 1
            return (state.calls, state.task)
        }
        if calls > 1 { trial.note(.callsNextAtMostOnce, "\(request): next was called \(calls) times") }
        if task != TaskIdentity.current {
            trial.note(.staysInItsTask, "\(request): next was called in another task than the middleware was")
        }
        check(context, "the context that next was given")
        check(RequestContext.current, "inside of next, the current context")
    }

    private func check(_ context: RequestContext?, _ what: String) {
        let message: String
        if let context, state.withLock({ $0.context == ObjectIdentifier(context) }) {
            guard context.g[Mark.self] != 7 || context.request == nil else { return }
            message = "what stood in the context before is no longer there"
        } else {
            message = "\(what) is \(context == nil ? "none" : "another one")"
        }
        trial.note(.leavesTheContext, "\(request): \(message)")
    }
}
