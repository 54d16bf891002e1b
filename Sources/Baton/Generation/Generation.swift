import EventServer
import Middleware
import Synchronization

/// The chains of one reading of the configuration, started and ready to answer.
///
/// Requests hold on to the generation they began in, and its plug-ins are stopped when the last of them has ended and
/// nobody keeps the generation any more.
final class Generation: Responder {
    let number: Int
    /// The names of the middleware that every request passes, outermost first.
    let chain: [String]
    let responder: any Responder
    /// `nil` where nobody wants to know.
    let faults: FaultCounter?

    init(number: Int, chain: [String], responder: any Responder, faults: FaultCounter?) {
        self.number = number
        self.chain = chain
        self.responder = responder
        self.faults = faults
    }

    /// Answers a request, and counts how that ended.
    func respond(to request: Request) async -> Response {
        var response = await responder.respond(to: request)
        if let faults { response.whenSent { faults.count(isFault: $0.status.code >= 500) } }
        return response
    }
}

/// What the requests of a generation hold on to; when it dies, the last of them has ended.
final class GenerationLease: Sendable {
    private let onEnd: @Sendable () -> Void

    init(onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }

    deinit { onEnd() }
}
