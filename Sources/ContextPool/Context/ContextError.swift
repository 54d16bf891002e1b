/// A context was asked for where there is none, or could not be carried over.
public struct ContextError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for code that decides by it.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        /// `AppContext.require()` was called outside of an application.
        public static let outsideAppContext = Code(description: "outsideAppContext")
        /// `RequestContext.require()` was called outside of a request.
        public static let outsideRequestContext = Code(description: "outsideRequestContext")
        /// A propagator did not run what it was given exactly once.
        public static let propagatorMisbehaved = Code(description: "propagatorMisbehaved")
        /// A value that is bound to its request was read after the end of that.
        public static let requestEnded = Code(description: "requestEnded")
        /// The changes of a job were asked for that was submitted without `handingBack: true`.
        public static let notHandedBack = Code(description: "notHandedBack")
    }

    /// What went wrong.
    public let code: Code

    /// What happened and what to do, in whole sentences.
    public let description: String

    static let outsideAppContext = ContextError(
        code: .outsideAppContext,
        description: """
            Working outside of an application context. This code needs the application (its pool, settings or \
            services) but runs neither in a request nor in a job submitted from one. Submit it from a handler with \
            context.pool.submit { }, or bind an application around it with AppContext.withCurrent(app) { }.
            """
    )

    static let outsideRequestContext = ContextError(
        code: .outsideRequestContext,
        description: """
            Working outside of a request context. This code asks for the current request but runs on a thread or task \
            that carries none. Submit it with context.pool.submit { } or start it with ContextThread.start { } from \
            inside the request, so that the context is copied along; or pass the value in as a parameter; or, where \
            the request is optional, read RequestContext.current, which is nil here.
            """
    )

    static let notHandedBack = ContextError(
        code: .notHandedBack,
        description: """
            This job has not handed its values back: what it wrote to its copy is gone with it. Submit it with \
            pool.submit(handingBack: true) { }.
            """
    )

    static func propagatorMisbehaved(_ names: [String]) -> ContextError {
        ContextError(
            code: .propagatorMisbehaved,
            description: """
                A context propagator did not run its operation exactly once; registered are: \
                \(names.joined(separator: ", ")). A propagator must call the operation it is given once, on the \
                calling thread, and pass its error on.
                """
        )
    }

    static func requestEnded(_ value: String, capturedAt site: SourceSite?) -> ContextError {
        let reader = site.map { " The job that reads it has captured its context at \($0)." } ?? ""
        return ContextError(
            code: .requestEnded,
            description: """
                The request has ended: its response was sent or given up, and with it went \(LoggedText.line(value)), which \
                is bound to the connection.\(reader) Read it before the response and pass on what was read, or have \
                RequestContext.afterLastHolder { } close what a job may need for longer.
                """
        )
    }
}
