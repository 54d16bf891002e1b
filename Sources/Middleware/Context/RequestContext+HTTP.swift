public import ContextPool
public import EventServer
public import Logging

private enum LoggerKey: ContextKey {
    static let name = "baton.logger"
    static let defaultValue = Logger(label: "baton")
}

extension ContextValues {
    /// The values that the context of a request begins with.
    init(request: Request) {
        self.init()
        subject = request.object
    }

    /// The request of these values.
    var request: Request? { subject.flatMap { Request(object: $0) } }

    /// The pattern of the route that answers it.
    var route: String? { request?.route }

    /// The logger of the application; part of ``AppContext/values``.
    public var logger: Logger {
        get { self[LoggerKey.self] }
        set { self[LoggerKey.self] = newValue }
    }
}

extension RequestContext: RequestListener, ResponseListener {
    /// The request, as it came in; `nil` in a context that was made by hand without one.
    ///
    /// A job has it, too.
    public var request: Request? { g.request }

    /// The application's logger.
    ///
    /// What it logs inside a request or a job carries the request's id.
    public var logger: Logger { app.values.logger }

    /// What became of the response; there in the teardown of a request, `nil` before.
    public var outcome: ResponseOutcome? { answering?.outcome }

    /// Changes the response of this request, whichever it will be: also one that an error has become.
    ///
    /// For what every response must have, such as the request's id. The hooks run after the chain, in the order in which
    /// they were added and with this context current; a job's have no effect, since it has no response.
    ///
    /// - Parameter hook: Changes the response.
    public func onResponse(_ hook: @escaping @Sendable (inout Response) -> Void) {
        answering?.add(hook)
    }

    func runResponseHooks(on response: inout Response) {
        answering?.finish(&response)
    }

    /// The body has been read, and from now on the answer is waited for; unless it is there already.
    func requestIsWhole(_ timeLimit: Duration) {
        if answering?.isOpen == true { limitJobs(to: timeLimit) }
    }

    /// Nobody waits for the answer any more.
    package func requestAbandoned() { cancel() }

    /// The response has been sent or given up.
    package func responseEnded(_ outcome: ResponseOutcome) {
        // The plug-ins, which the lease keeps from being stopped, have their callbacks below.
        withExtendedLifetime(answering?.end(with: outcome)) {
            // A client may leave after its handler has returned, too. Jobs that were to outlive the request are detached.
            if !outcome.isDelivered { cancel() }
            tearDown()
        }
    }

    /// What is known of the answer; `nil` in a job, which has none.
    private var answering: Answering? { companion as? Answering }
}

extension Request {
    /// The request that this code runs for, or `nil` outside of one.
    ///
    /// Inside a job it is the submitter's.
    public static var current: Request? { RequestContext.current?.request }
}
