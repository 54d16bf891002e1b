import ContextPool
import EventServer
import HTTPTypes
import Middleware
import Synchronization

/// Sends requests through one middleware, between a probe outside of it and a handler inside, and notes down what it breaks.
final class LawTrial: Sendable {
    let middleware: any Middleware
    let app: AppContext
    private let state = Mutex<(breaches: [LawBreach], hasReachedHandler: Bool)>(([], false))

    init(middleware: any Middleware, app: AppContext) {
        self.middleware = middleware
        self.app = app
    }

    /// The breaches, each once.
    var breaches: [LawBreach] {
        state.withLock { state in
            var found = state.breaches
            if !state.hasReachedHandler {
                let advice = "none of the requests has come to the handler: try it with some that do (`requests:`)"
                found.insert(LawBreach(.reachesTheHandler, advice), at: 0)
            }
            return found.enumerated().filter { !found[..<$0.offset].contains($0.element) }.map(\.element)
        }
    }

    func note(_ law: MiddlewareLaw, _ description: String) {
        state.withLock { $0.breaches.append(LawBreach(law, description)) }
    }

    /// A usual request with a usual answer.
    func passesRequests(_ request: TestRequest) async {
        await send(request) { incoming, _ in
            guard let body = request.body, !body.isEmpty else { return .text("ok") }
            let bytes = try? await incoming.body.collect()
            if bytes != body {
                self.note(.leavesTheRequestBody, "\(request): the handler could not read the body any more")
            }
            return .text("ok")
        }
    }

    /// A handler that throws.
    func passesErrors(_ request: TestRequest) async {
        let probe = await send(request) { _, _ in throw LawError() }
        switch probe.outcome {
        case nil: break
        case .success(let response):
            guard probe.calls > 0, response.status.code < 400 else { return }
            let message = "\(request): the handler has thrown an error, and the answer was \(response.status)"
            note(.passesErrorsOn, message)
        case .failure(let error):
            guard probe.calls > 0, !(error is LawError), !(error is any HTTPResponseError) else { return }
            note(.passesErrorsOn, "\(request): the handler's error has become another one: \(error)")
        }
    }

    /// A handler that streams more than anybody should hold in memory.
    func streams(_ request: TestRequest) async {
        let tap = StreamTap()
        let probe = await send(request, into: tap) { _, _ in
            Response(status: .ok, headers: [.contentType: "text/plain"], body: .stream { try await tap.produce($0) })
        }
        guard probe.calls == 1, case .success(let response) = probe.outcome, response.status == .ok else { return }
        guard response.body.isStream else {
            return note(.streamsTheResponse, "\(request): the stream was collected before it was sent")
        }
        if let fault = tap.fault { note(.streamsTheResponse, "\(request): \(fault)") }
    }

    /// Several requests at once.
    func keepsApart(_ requests: [TestRequest]) async {
        await withTaskGroup(of: Void.self) { tasks in
            for request in requests {
                for number in 0..<8 {
                    tasks.addTask {
                        let probe = await self.send(request) { _, _ in
                            await Task.yield()
                            return Response(status: .ok, headers: [LawProbe.marker: "\(number)"])
                        }
                        guard case .success(let response) = probe.outcome, probe.calls > 0,
                            let answer = response.headers[LawProbe.marker], answer != "\(number)"
                        else { return }
                        self.note(.keepsRequestsApart, "\(request): a request has got the answer of another one")
                    }
                }
            }
        }
    }

    @discardableResult
    private func send(
        _ request: TestRequest,
        into tap: StreamTap? = nil,
        _ handler: @escaping Handler
    ) async -> LawProbe {
        let probe = LawProbe(request, trial: self)
        guard let made = try? request.make() else {
            note(.reachesTheHandler, "\(request): this is no request that a server would take")
            return probe
        }
        let chain = MiddlewareChain([
            MiddlewareChain.Step(name: "probe", middleware: probe),
            MiddlewareChain.Step(name: "tested", middleware: middleware),
        ])
        let responder = ContextResponder(app: app, chain: chain) { request, context in
            self.state.withLock { $0.hasReachedHandler = true }
            probe.enterHandler(context)
            return try await handler(request, context)
        }
        await EventLoopThread.standingIn {
            try? await responder.respond(to: made).send { bytes in await tap?.take(bytes) }
        }
        return probe
    }
}

/// What a handler throws of whom nobody can know.
struct LawError: Error {}
