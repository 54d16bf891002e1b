public import Logging
public import ServiceLifecycle
import Synchronization

/// An HTTP/1.1 server on libevent: one loop for each processor, each with connections of its own.
///
/// ```swift
/// let server = HTTPServer(configuration: ServerConfiguration(), responder: MyResponder(), logger: Logger(label: "web"))
/// try await server.run()
/// ```
///
/// A server runs once. It may be used from any thread.
public final class HTTPServer: Service {
    private enum Lifecycle {
        case idle
        case bound(Listeners)
        /// Somebody runs it, and makes its loops.
        case starting(Listeners)
        case running([LoopBound<ServerLoop>], open: Int, end: CheckedContinuation<Void, Never>?)
        /// Asked to stop before it ran.
        case stopped
        case ended
    }

    private struct State {
        var lifecycle = Lifecycle.idle
        var addresses: [SocketAddress] = []
        var isAskedToStop = false
        /// How many loops have no socket left to accept from.
        var deafLoops = 0
        /// Why it ended without being asked to.
        var failure: ServerError?
    }

    private let configuration: ServerConfiguration
    private let responder: any Responder
    private let observer: any ServerObserver
    private let logger: Logger
    private let state = Mutex(State())

    /// Creates a server; nothing is opened yet.
    ///
    /// - Parameters:
    ///   - configuration: How to listen, and what to allow.
    ///   - responder: What answers the requests.
    ///   - logger: Receives what no response can tell: refused requests, exhaustion, the end.
    ///   - observer: Is told what happens, to count it; nobody where it is left out.
    public init(
        configuration: ServerConfiguration,
        responder: some Responder,
        logger: Logger,
        observer: (any ServerObserver)? = nil
    ) {
        self.configuration = configuration
        self.responder = responder
        self.observer = observer ?? NoObserver()
        self.logger = logger
    }

    /// How many loops ``run()`` starts.
    public var loopCount: Int {
        configuration.loops > 0 ? configuration.loops : EventLoop.processorCount
    }

    /// Where the server listens, with ports in figures; none before ``bind()``.
    public var addresses: [SocketAddress] { state.withLock(\.addresses) }

    /// Opens the listening sockets: from now on clients can connect, and wait until ``run()``.
    ///
    /// Calling it is optional. It is apart from `run` so that a taken port is known before anything else starts, and a port
    /// that the system picked can be told.
    ///
    /// - Returns: The first address, with the port in figures; ``addresses`` has all.
    /// - Throws: ``ServerError`` with the code `cannotListen`, `cannotResolve`, `system` or `alreadyUsed`.
    @discardableResult
    public func bind() throws(ServerError) -> SocketAddress {
        try state.withLock { state throws(ServerError) in
            guard case .idle = state.lifecycle else { throw .alreadyUsed }
            BrokenPipe.ignore()
            let listeners = try Listeners(configuration, loops: loopCount)
            guard let address = listeners.addresses.first else { throw .alreadyUsed }
            state.addresses = listeners.addresses
            tellOfUnused(InheritedSockets.ofProcess)
            state.lifecycle = .bound(listeners)
            return address
        }
    }

    /// Clients can connect to a socket that was handed down and that nobody serves, and wait for ever.
    func tellOfUnused(_ inherited: InheritedSockets) {
        let names = inherited.leftNames
        guard !names.isEmpty else { return }
        logger.warning(
            "inherited sockets are not served",
            metadata: [
                "names": "\(names.joined(separator: ","))", "count": "\(names.count)",
                "advice": "name them in server.listen (inherited, or inherited:NAME), or do not hand them down",
            ]
        )
    }

    /// Serves until ``shutDown()``, the cancellation of the calling task, or the graceful shutdown of its service group.
    ///
    /// - Throws: ``ServerError``, as ``bind()`` does, or with the code `listenersLost`. That the server was asked to stop is not
    ///   an error.
    public func run() async throws {
        if case .idle = state.withLock(\.lifecycle) { try bind() }
        // Before anything else: who runs a server that runs already must not stop it by being cancelled.
        try claim()
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await serve()
            } onGracefulShutdown: {
                self.shutDown()
            }
        } onCancel: {
            self.abort()
        }
    }

    /// Stops accepting, closes idle connections, lets running requests finish, and then lets ``run()`` return.
    ///
    /// It returns at once. What still runs when `timeouts.drain` has passed is cut off. Calling it again is harmless.
    public func shutDown() {
        let loops = loopsToStop()
        guard !loops.isEmpty else { return }
        for loop in loops { loop.run { $0.drain() } }
        let deadline = configuration.timeouts.drain
        Task {
            try? await Task.sleep(for: deadline)
            self.abort()
        }
    }

    private func abort() {
        for loop in loopsToStop() { loop.run { $0.abort() } }
    }

    /// The loops that run; where none does yet, none will.
    private func loopsToStop() -> [LoopBound<ServerLoop>] {
        state.withLock { state in
            state.isAskedToStop = true
            switch state.lifecycle {
            case .idle, .bound, .starting: state.lifecycle = .stopped
            case .running(let loops, _, _): return loops
            case .stopped, .ended: break
            }
            return []
        }
    }

    /// Makes this run the only one.
    private func claim() throws(ServerError) {
        try state.withLock { state throws(ServerError) in
            switch state.lifecycle {
            case .bound(let listeners): state.lifecycle = .starting(listeners)
            case .stopped: state.lifecycle = .ended
            case .idle, .starting, .running, .ended: throw .alreadyUsed
            }
        }
    }

    private func serve() async throws {
        let loops = try makeLoops()
        let stopWatching = try watch(loops)
        defer { stopWatching() }
        await withCheckedContinuation { continuation in
            let isStarted = state.withLock { state in
                guard case .starting = state.lifecycle else {
                    state.lifecycle = .ended
                    return false
                }
                state.lifecycle = .running(loops, open: loops.count, end: continuation)
                return true
            }
            guard isStarted else { return continuation.resume() }
            for (number, loop) in loops.enumerated() {
                do throws(ServerError) {
                    try loop.runThread(name: Self.name(ofLoop: number)) { self.loopEnded() }
                } catch {
                    logger.critical("a loop could not start", metadata: ["reason": "\(error)"])
                    state.withLock { $0.failure = error }
                    loopEnded()
                    shutDown()
                }
            }
        }
        if let failure = state.withLock(\.failure) { throw failure }
    }

    private func watch(_ loops: [LoopBound<ServerLoop>]) throws(ServerError) -> @Sendable () -> Void {
        guard !loops.isEmpty else { return {} }
        return try Watchdog.start(
            over: loops.enumerated().map { (Self.name(ofLoop: $0.offset), $0.element.watch) },
            threshold: configuration.blockThreshold,
            logger: logger
        )
    }

    private static func name(ofLoop number: Int) -> String { "loop-\(number + 1)" }

    /// The loops, to which the sockets belong from then on: they must close with their loops.
    private func makeLoops() throws(ServerError) -> [LoopBound<ServerLoop>] {
        // None where it was asked to stop meanwhile.
        let listeners: [[SharedListeningSocket]] = state.withLock { state in
            if case .starting(let listeners) = state.lifecycle { listeners.loops } else { [] }
        }
        let count = ConnectionCount(
            wish: configuration.connections,
            descriptors: DescriptorLimit.raise(),
            perAddress: configuration.connectionsPerAddress
        )
        return try listeners.map { sockets throws(ServerError) in try makeLoop(on: sockets, counting: count) }
    }

    private func makeLoop(
        on sockets: [SharedListeningSocket],
        counting count: ConnectionCount
    ) throws(ServerError) -> LoopBound<ServerLoop> {
        let loop = try EventLoop()
        let server = ServerLoop(
            loop: loop,
            listeners: sockets,
            count: count,
            configuration: configuration,
            responder: responder,
            observer: observer,
            logger: logger
        ) {
            self.loopWentDeaf()
        }
        return LoopBound(server, on: loop)
    }

    /// A process that nobody can reach would look alive to whoever supervises it: better it ends, and is started anew.
    private func loopWentDeaf() {
        let isOver = state.withLock { state in
            guard case .running(let loops, _, _) = state.lifecycle, !state.isAskedToStop else { return false }
            state.deafLoops += 1
            guard state.deafLoops == loops.count else { return false }
            state.failure = .listenersLost
            return true
        }
        if isOver { shutDown() }
    }

    private func loopEnded() {
        let end = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard case .running(let loops, let open, let end) = state.lifecycle else { return nil }
            state.lifecycle = open == 1 ? .ended : .running(loops, open: open - 1, end: end)
            return open == 1 ? end : nil
        }
        end?.resume()
    }
}
