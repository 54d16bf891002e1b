public import EventServer
import Metrics

/// Counts what happens in the server, with swift-metrics: in whatever system the application has bootstrapped.
///
/// | metric | kind | dimensions |
/// |---|---|---|
/// | `baton.connections.opened`, `baton.connections.closed` | counter | |
/// | `baton.connections.refused` | counter: one address had too many | |
/// | `baton.requests.refused` | counter: no handler saw them | `code`, such as `H1-CL-DUP` |
/// | `baton.requests.shed` | counter: 503, since requests waited too long | |
/// | `baton.loop.blocked` | timer: a handler kept its loop for too long | |
public struct ServerMetrics: ServerObserver {
    private let factory: any MetricsFactory
    private let opened: Counter
    private let closed: Counter
    private let refused: Counter
    private let shed: Counter
    private let blocked: Timer

    /// Creates the metrics in the system that the application has bootstrapped.
    public init() { self.init(factory: MetricsSystem.factory) }

    init(factory: any MetricsFactory) {
        self.factory = factory
        opened = Counter(label: "baton.connections.opened", factory: factory)
        closed = Counter(label: "baton.connections.closed", factory: factory)
        refused = Counter(label: "baton.connections.refused", factory: factory)
        shed = Counter(label: "baton.requests.shed", factory: factory)
        blocked = Timer(label: "baton.loop.blocked", factory: factory)
    }

    /// Counts a connection.
    public func connectionOpened() { opened.increment() }

    /// Counts the end of a connection.
    public func connectionClosed() { closed.increment() }

    /// Counts a connection that was closed at once.
    public func connectionRefused() { refused.increment() }

    /// Counts a request by the code of its refusal.
    ///
    /// - Parameter refusal: Why it was refused.
    public func requestRefused(_ refusal: RequestRefusal) {
        // Made anew each time: the codes are few, and the factory knows them.
        Counter(label: "baton.requests.refused", dimensions: [("code", refusal.code)], factory: factory).increment()
    }

    /// Counts a request that there was no time for.
    public func requestShed() { shed.increment() }

    /// Records how long a loop was blocked.
    ///
    /// - Parameter duration: For how long.
    public func loopBlocked(for duration: Duration) { blocked.record(duration: duration) }
}
