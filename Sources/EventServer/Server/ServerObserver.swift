/// Is told what happens in a server, to count and to measure it.
///
/// Every method has a default that does nothing. They are called on the threads of the loops: they must be quick, and never
/// block.
public protocol ServerObserver: Sendable {
    /// A connection was accepted.
    func connectionOpened()

    /// A connection has ended.
    func connectionClosed()

    /// A connection was closed before its first request: its address has as many as it may have, or its proxy began it otherwise
    /// than agreed.
    func connectionRefused()

    /// A request was refused before any handler saw it.
    ///
    /// - Parameter refusal: Why; its code is the stable name of the reason.
    func requestRefused(_ refusal: RequestRefusal)

    /// A request was answered with 503, since requests wait too long.
    func requestShed()

    /// A handler has kept a loop from everything else for longer than the configuration allows.
    ///
    /// - Parameter duration: For how long.
    func loopBlocked(for duration: Duration)
}

extension ServerObserver {
    /// Does nothing.
    public func connectionOpened() {}

    /// Does nothing.
    public func connectionClosed() {}

    /// Does nothing.
    public func connectionRefused() {}

    /// Does nothing.
    ///
    /// - Parameter refusal: Not looked at.
    public func requestRefused(_ refusal: RequestRefusal) {}

    /// Does nothing.
    public func requestShed() {}

    /// Does nothing.
    ///
    /// - Parameter duration: Not looked at.
    public func loopBlocked(for duration: Duration) {}
}

/// An observer for a server that nobody observes.
struct NoObserver: ServerObserver {}
