public import ContextPool

private enum SessionKey: ContextKey {
    static let name = "baton.session"
    static let defaultValue: Session? = nil
    // A job that could write to it would write in vain, once the response has begun; and one that could read it would carry
    // what was meant for the client's next request, into logs and past the end of the session. So it does not travel.
    static let travel = ContextTravel.cleared
    static let isSecret = true
}

extension RequestContext {
    /// The session of the visitor, where `session` is in the chain.
    ///
    /// - Throws: ``SessionError`` with the code `noSession` where there is none, as in a job.
    public var session: Session {
        get throws(SessionError) {
            guard let session = g[SessionKey.self] else { throw .noSession }
            return session
        }
    }

    func setSession(_ session: Session) { updateValues { $0[SessionKey.self] = session } }
}
