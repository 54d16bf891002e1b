import HTTPTypes
import Logging

/// One loop's share of the server: its listening sockets and its connections.
///
/// Lives on the thread of its loop.
final class ServerLoop {
    let loop: EventLoop
    let configuration: ServerConfiguration
    let responder: any Responder
    let observer: any ServerObserver
    let logger: Logger
    /// What is received goes here first, so that an idle connection needs no buffer of its own.
    var receiveBuffer = [UInt8](repeating: 0, count: 65_536)
    private(set) var isDraining = false

    private let inTurn: (any RespondersInTurn)?
    /// Who answers a request that begins now.
    var currentResponder: any Responder { inTurn?.current ?? responder }

    /// Closed when the server drains, so that clients are refused instead of left waiting.
    private var listeners: [SharedListeningSocket]
    private let onDeaf: @Sendable () -> Void
    private var listenEvents: [Event] = []
    private var tickEvent: Event?
    private var connections: [ObjectIdentifier: Connection] = [:]
    private let count: ConnectionCount
    private var isAcceptingPaused = false
    private var hasPausedSinceTick = false
    private var encoder = ResponseEncoder(date: "")
    private var encoderSecond = -1
    private var encoderTime = Duration.zero
    private var shedder: LoadShedder
    private var proxyComplaints = Repetitions<ProxyComplaint>()

    /// What is wrong with the connections of a proxy, which is wrong with all of them.
    private struct ProxyComplaint: Hashable {
        let refusal: ProxyRefusal
        /// The proxy, without the port that each connection has of its own.
        let proxy: String
    }

    init(
        loop: EventLoop,
        listeners: [SharedListeningSocket],
        count: ConnectionCount,
        configuration: ServerConfiguration,
        responder: any Responder,
        observer: any ServerObserver,
        logger: Logger,
        onDeaf: @escaping @Sendable () -> Void
    ) {
        self.loop = loop
        self.count = count
        self.listeners = listeners
        self.configuration = configuration
        self.responder = responder
        inTurn = responder as? any RespondersInTurn
        self.observer = observer
        self.logger = logger
        self.onDeaf = onDeaf
        shedder = LoadShedder(target: configuration.overload.queueTime)
    }

    /// Serves on the calling thread until the loop is stopped.
    func run() {
        responder.prepareLoop()
        startListening()
        tickEvent = Event(on: loop, .interval) { [unowned self] in tick() }
        tickEvent?.arm(every: configuration.timeouts.tickPeriod)
        loop.blockThreshold = configuration.blockThreshold
        loop.onBlocked = { [unowned self] in reportBlock($0, $1) }
        loop.run()
        for connection in connections.values { connection.close(.serverStopped) }
        stopListening()
        tickEvent = nil
    }

    /// Accepts no more, closes what is idle, and stops when the last connection has been answered.
    func drain() {
        guard !isDraining else { return }
        // Connections that the kernel has completed would be reset by closing the socket: they are still served.
        for listener in listeners {
            listener.socket.file?.remove()
            accept(from: listener, atMost: configuration.backlog)
        }
        isDraining = true
        stopListening()
        for connection in connections.values { connection.drain() }
        stopIfDrained()
    }

    /// Stops now, whatever is running; each request that is cut off ends with an undelivered response.
    func abort() {
        if !connections.isEmpty {
            logger.warning("stopped with open connections", metadata: ["connections-cut": "\(connections.count)"])
        }
        loop.stop()
    }

    func remove(_ connection: Connection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        count.leave()
        observer.connectionClosed()
        if let key = connection.countedAs { count.addresses.leave(key) }
        if isAcceptingPaused { for event in listenEvents { event.arm() } }
        if isDraining { stopIfDrained() }
    }

    func encode(
        _ response: Response,
        framing: ResponseEncoder.Framing,
        into output: inout [UInt8]
    ) throws(ResponseFault) -> ResponseEncoder.Head {
        // The calendar is looked at when the time has moved on, a few milliseconds at a time.
        if loop.now != encoderTime {
            encoderTime = loop.now
            let second = EventLoop.secondsSince1970
            if second != encoderSecond { encoder = ResponseEncoder(date: HTTPDate.text(secondsSince1970: second)) }
            encoderSecond = second
        }
        let encoder = encoder
        return try encoder.encode(response, framing: framing, into: &output)
    }

    /// Tells of a request that was refused.
    func report(_ refusal: RequestRefusal, from peer: SocketAddress) {
        observer.requestRefused(refusal)
        logger.info(
            "request refused",
            metadata: ["code": "\(refusal.code)", "reason": "\(refusal.reason)", "peer": "\(peer)"]
        )
    }

    /// Tells of a connection that a trusted proxy began otherwise than agreed.
    func report(_ refusal: ProxyRefusal, from proxy: SocketAddress) {
        observer.connectionRefused()
        let complaint = ProxyComplaint(refusal: refusal, proxy: proxy.host)
        if proxyComplaints.note(complaint, at: loop.now) { tell(complaint, count: 1) }
    }

    private func tell(_ complaint: ProxyComplaint, count: Int) {
        logger.warning(
            "connection refused",
            metadata: [
                "code": "\(complaint.refusal.code)", "reason": "\(complaint.refusal.reason)",
                "proxy": "\(complaint.proxy)", "count": "\(count)",
            ]
        )
    }

    func makeResponse(for refusal: RequestRefusal) -> Response {
        refusal.makeResponse(as: configuration.refusals)
    }

    /// Whether there is time for a request.
    ///
    /// Health checks pass in any case: a server that is busy must not be taken for one that is dead.
    ///
    /// - Parameters:
    ///   - head: The request.
    ///   - start: When its connection began to wait for it: it cannot have waited for its turn since before that, however long
    ///     the loop has been busy.
    /// - Returns: Whether to answer it; otherwise it gets 503.
    func admits(_ head: RequestHead, sentAfter start: Duration) -> Bool {
        var shedder = shedder
        let wasShedding = shedder.isShedding
        let now = loop.now
        let admits = shedder.admits(waited: min(loop.waited, now - start), now: now)
        self.shedder = shedder
        if shedder.isShedding != wasShedding {
            logger.warning(
                wasShedding ? "requests are served in time again" : "requests wait too long: new ones get 503",
                metadata: ["target-ms": "\(configuration.overload.queueTime.milliseconds)"]
            )
        }
        if admits || configuration.overload.exempt.contains(head.path) { return true }
        observer.requestShed()
        return false
    }

    private func reportBlock(_ duration: Duration, _ head: RequestHead?) {
        observer.loopBlocked(for: duration)
        var metadata: Logger.Metadata = ["blocked-ms": "\(duration.milliseconds)"]
        head?.describe(in: &metadata)
        metadata["advice"] = "run the route on the pool, or submit to the pool what blocks"
        logger.warning("a handler has blocked its loop", metadata: metadata)
    }

    /// Whether an address has room for one more connection; told of where it has not.
    func admits(_ key: ClientNetwork) -> Bool {
        if count.addresses.enter(key, now: loop.now, onFirstRefusal: { tell($0) }) { return true }
        observer.connectionRefused()
        return false
    }

    /// What a client is counted as; `nil` where it is not.
    func countedKey(of client: SocketAddress) -> ClientNetwork? {
        guard count.addresses.limit > 0, !configuration.proxies.trust(client) else { return nil }
        return ClientNetwork(client)
    }

    private func tell(_ refusals: AddressCount.Refusals) {
        logger.warning(
            "connections refused",
            metadata: [
                "code": "TOO-MANY-CONNECTIONS", "client": "\(refusals.address)", "count": "\(refusals.count)",
                "allowed": "\(count.addresses.limit)",
                "advice": "raise server.limits.connectionsPerAddress, or name a proxy in server.proxies.trusted",
            ]
        )
    }

    private func stopIfDrained() { if connections.isEmpty { loop.stop() } }

    private func startListening() {
        listenEvents = listeners.map { listener in
            let event = Event(on: loop, .readable(listener.socket.descriptor)) { [unowned self, unowned listener] in
                // Of a socket that all loops share only some at once, so that a burst is not all taken by one of them.
                accept(from: listener, atMost: listener.socket.isShared ? 8 : 256)
            }
            event.arm()
            return event
        }
    }

    private func stopListening() {
        listenEvents = []
        listeners = []
    }

    /// Accepts who waits, up to a bound, so that a storm of connections does not keep those that are here waiting.
    private func accept(from listener: SharedListeningSocket, atMost bound: Int) {
        for number in 0..<max(1, bound) {
            guard count.enter() else {
                // Only at first it is known that somebody waits; else the event tells.
                if number == 0 { pauseAccepting("as many connections are open as are allowed") }
                return
            }
            switch listener.socket.accept() {
            case .connection(let socket, let peer):
                welcome(socket, peer)
            case .none:
                return count.leave()
            case .exhausted:
                count.leave()
                return pauseAccepting("the system is out of descriptors or memory")
            case .broken:
                count.leave()
                return abandon(listener)
            }
        }
    }

    private func welcome(_ socket: Socket, _ peer: SocketAddress) {
        let key = countedKey(of: peer)
        if let key, !admits(key) {
            count.leave()
            return socket.close()
        }
        let connection = Connection(socket, from: peer, of: self)
        connection.countedAs = key
        connections[ObjectIdentifier(connection)] = connection
        observer.connectionOpened()
    }

    /// Another process has shut down a socket that it shares with this one: its event would fire at once, for ever.
    private func abandon(_ listener: SharedListeningSocket) {
        guard let index = listeners.firstIndex(where: { $0 === listener }) else { return }
        logger.error(
            "a listening socket was shut down by another process",
            metadata: ["address": "\(listener.socket.address)", "advice": "restart Baton and whoever handed it down"]
        )
        listeners.remove(at: index)
        if index < listenEvents.count { listenEvents.remove(at: index).disarm() }
        if listeners.isEmpty { onDeaf() }
    }

    /// Leaves those who wait to be accepted waiting, for whom the event would fire at once, again and again.
    private func pauseAccepting(_ reason: String) {
        for event in listenEvents { event.disarm() }
        hasPausedSinceTick = true
        guard !isAcceptingPaused else { return }
        isAcceptingPaused = true
        logger.warning(
            "accepting pauses",
            metadata: [
                "reason": "\(reason)", "connections": "\(count.current)", "allowed": "\(count.limit)",
                "advice": "raise ulimit -n, or server.limits.connections where it is set",
            ]
        )
    }

    /// A crowd at the limit would pause and resume with each connection that closes: only a calm tick is worth a line.
    private func resumeAccepting() {
        guard isAcceptingPaused else { return }
        for event in listenEvents { event.arm() }
        if !hasPausedSinceTick {
            isAcceptingPaused = false
            logger.notice("accepting goes on", metadata: ["connections": "\(count.current)"])
        }
        hasPausedSinceTick = false
    }

    private func tick() {
        resumeAccepting()
        loop.trim()
        let now = loop.now
        for connection in connections.values { connection.tick(now) }
        for refusals in count.addresses.dueRefusals(now: now) { tell(refusals) }
        for (complaint, count) in proxyComplaints.due(at: now) { tell(complaint, count: count) }
    }
}
