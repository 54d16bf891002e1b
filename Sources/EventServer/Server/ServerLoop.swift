import HTTPTypes
import Logging

/// One loop's share of the server: its listening socket and its connections.
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

    /// Closed when the server drains, so that clients are refused instead of left waiting.
    private var listener: SharedListeningSocket?
    private var listenEvent: Event?
    private var tickEvent: Event?
    private var connections: [ObjectIdentifier: Connection] = [:]
    private let count: ConnectionCount
    private var isAcceptingPaused = false
    private var hasPausedSinceTick = false
    private var encoder = ResponseEncoder(date: "")
    private var encoderSecond = -1
    private var shedder: LoadShedder

    init(
        loop: EventLoop,
        listener: SharedListeningSocket,
        count: ConnectionCount,
        configuration: ServerConfiguration,
        responder: any Responder,
        observer: any ServerObserver,
        logger: Logger
    ) {
        self.loop = loop
        self.count = count
        self.listener = listener
        self.configuration = configuration
        self.responder = responder
        self.observer = observer
        self.logger = logger
        shedder = LoadShedder(target: configuration.overload.queueTime)
    }

    /// Serves on the calling thread until the loop is stopped.
    func run() {
        if let listener {
            listenEvent = Event(on: loop, .readable(listener.socket.descriptor)) { [unowned self] in accept() }
            listenEvent?.arm()
        }
        tickEvent = Event(on: loop, .interval) { [unowned self] in tick() }
        tickEvent?.arm(every: tickPeriod)
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
        accept(atMost: configuration.backlog)
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
        if isAcceptingPaused { listenEvent?.arm() }
        if isDraining { stopIfDrained() }
    }

    func encode(
        _ response: Response,
        framing: ResponseEncoder.Framing,
        into output: inout [UInt8]
    ) throws(ResponseFault) -> ResponseEncoder.Head {
        let second = EventLoop.secondsSince1970
        if second != encoderSecond {
            encoderSecond = second
            encoder.date = HTTPDate.text(secondsSince1970: second)
        }
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

    func makeResponse(for refusal: RequestRefusal) -> Response {
        .text("\(refusal)\n", status: refusal.status)
    }

    /// Whether there is time for a request.
    ///
    /// Health checks pass in any case: a server that is busy must not be taken for one that is dead.
    func admits(_ head: RequestHead) -> Bool {
        let wasShedding = shedder.isShedding
        let admits = shedder.admits(waited: loop.waited, now: EventLoop.now)
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

    private func stopIfDrained() { if connections.isEmpty { loop.stop() } }

    private func stopListening() {
        listenEvent = nil
        listener = nil
    }

    /// Accepts who waits, up to a bound, so that a storm of connections does not keep those that are here waiting.
    private func accept(atMost bound: Int = 256) {
        guard let listener else { return }
        for number in 0..<max(1, bound) {
            guard count.enter() else {
                // Only at first it is known that somebody waits; else the event tells.
                if number == 0 { pauseAccepting("as many connections are open as are allowed") }
                return
            }
            switch listener.socket.accept() {
            case .connection(let socket, let peer):
                let connection = Connection(socket, from: peer, of: self)
                connections[ObjectIdentifier(connection)] = connection
                observer.connectionOpened()
            case .none:
                return count.leave()
            case .exhausted:
                count.leave()
                return pauseAccepting("the system is out of descriptors or memory")
            }
        }
    }

    /// Leaves those who wait to be accepted waiting, for whom the event would fire at once, again and again.
    private func pauseAccepting(_ reason: String) {
        listenEvent?.disarm()
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
        listenEvent?.arm()
        if !hasPausedSinceTick {
            isAcceptingPaused = false
            logger.notice("accepting goes on", metadata: ["connections": "\(count.current)"])
        }
        hasPausedSinceTick = false
    }

    private func tick() {
        resumeAccepting()
        let now = EventLoop.now
        for connection in connections.values { connection.tick(now) }
    }

    /// Often enough that no timeout is late by more than a quarter, seldom enough to cost nothing.
    private var tickPeriod: Duration {
        let timeouts = configuration.timeouts
        let shortest = min(timeouts.header, timeouts.body, timeouts.idle, timeouts.write)
        return max(.milliseconds(10), min(.seconds(1), shortest / 4))
    }
}
