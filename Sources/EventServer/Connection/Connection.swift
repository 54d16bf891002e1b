import HTTPTypes
import Logging

/// One client's connection: reads requests, has them answered one after the other, writes the responses in order.
///
/// It lives on the thread of its loop. What it does is spread over topics: `+Reading` parses, `+Exchange` hands requests
/// to the responder, `+Answer` and `+Stream` take its responses, `+Writing` sends them, `+Deadline` watches the time,
/// `+Departure` the client.
final class Connection {
    enum Phase {
        case open
        /// The last response is out, and nothing more will be sent; the client's bytes are read and dropped for a moment,
        /// since closing on unread bytes would reset the connection and take the response from the client.
        case lingering(budget: Int)
        case closed
    }

    let server: ServerLoop
    let socket: Socket
    let remoteAddress: SocketAddress
    var phase = Phase.open
    /// For whom the other end may speak, where it is a trusted proxy.
    var forwarding: Forwarding?
    /// The other end is a proxy that has to say first whose connection this is.
    var awaitsProxyHeader = false
    /// What the connection takes a place of, where those of an address are counted.
    var countedAs: ClientNetwork?

    var parser: RequestParser
    var input: [UInt8] = []
    var inputOffset = 0
    /// The client will send no more.
    var hasInputEnded = false
    /// Where the next request begins is not known any more.
    var isInputBroken = false
    /// The reader of a body has to catch up first.
    var isBodyPaused = false
    /// Whether `readEvent` is armed.
    var isReading = true
    var isProcessing = false
    /// Something has happened while it was processing, after which there may be more to do.
    var goesOn = false
    /// Code of a request has called, and waits: with its task-locals, nobody else may be told of anything.
    var isInsideRequest = false
    var exchange: Exchange?
    var requestCount = 0
    /// Requests that were answered in the place of a handler, which is still at work on them, and how many bytes of a body their
    /// clients got.
    var abandoned: [Int: Int] = [:]
    /// What became of the requests that had no answer when the connection closed.
    private(set) var ending = ResponseOutcome.Ending.clientLeft

    var output: [UInt8] = []
    var outputOffset = 0
    var unsentEnds: [(end: Response.End, outcome: ResponseOutcome)] = []
    var closesAfterFlush = false
    var lingersAfterFlush = false
    /// How much of files and streams may be sent until the other connections have their turn.
    var turn = Connection.fullTurn

    var wait = Wait.idle
    var deadline = Duration.zero
    /// Since when the client could have sent what it sends next.
    var idleSince: Duration
    var bodyPatience = Patience()
    var writePatience = Patience()
    /// How much the client's end had not confirmed when the waiting for it began.
    var unacknowledged = 0

    var readEvent: Event?
    var writeEvent: Event?
    /// Armed while a request runs and nothing is read.
    var departureEvent: Event?
    var hasAskedWhetherGone = false

    init(_ socket: Socket, from remoteAddress: SocketAddress, of server: ServerLoop) {
        self.server = server
        self.socket = socket
        self.remoteAddress = remoteAddress
        parser = RequestParser(limits: server.configuration.limits)
        idleSince = server.loop.now
        deadline = idleSince + server.configuration.timeouts.idle
        let proxies = server.configuration.proxies
        if !proxies.trusted.isEmpty, proxies.trust(remoteAddress) {
            forwarding = Forwarding(client: remoteAddress, proxies: proxies)
            awaitsProxyHeader = proxies.sendProxyHeader
            if awaitsProxyHeader {
                wait = .header
                deadline = idleSince + server.configuration.timeouts.header
            }
        }
        readEvent = Event(on: server.loop, .readable(socket.descriptor)) { [unowned self] in receive() }
        readEvent?.arm()
    }

    /// Ends the connection now.
    ///
    /// What was not sent is given up, and the task of a running request is cancelled.
    func close(_ ending: ResponseOutcome.Ending = .clientLeft) {
        if case .closed = phase { return }
        phase = .closed
        self.ending = ending
        // Here and not by the event's end, which comes after the callback that may be running: the descriptor is taken out
        // of the loop before it is closed, and before it can be given out again.
        readEvent?.disarm()
        writeEvent?.disarm()
        departureEvent?.disarm()
        readEvent = nil
        writeEvent = nil
        departureEvent = nil
        socket.close()
        let ends = unsentEnds
        unsentEnds = []
        for (end, outcome) in ends { end(outcome.undelivered(ending)) }
        abandonExchange()
        input = []
        inputOffset = 0
        output = []
        outputOffset = 0
        server.remove(self)
    }

    private func abandonExchange() {
        guard let current = exchange else { return }
        current.body?.fail(.clientLeft)
        current.task?.cancel()
        current.task = nil
        failProducer()
        exchange = nil
        switch current.answer {
        case .segments(_, let reply), .stream(_, let reply):
            let size = reply.bodySize
            let outcome = ResponseOutcome(status: reply.status, bodySize: size, ending: .delivered)
            reply.end(outcome.undelivered(ending))
        case .awaited, .sent:
            break
        }
    }

    /// Ends the connection where nothing is under way, when the server drains.
    ///
    /// A request that has arrived is answered.
    func drain() {
        // While it is processing, it comes by here at its end.
        guard isIdle, !isProcessing else { return }
        receive()
        guard isIdle else { return }
        // A client that has just connected has its first request under way: closing now would lose it.
        if requestCount > 0 { close() } else { deadline = min(deadline, server.loop.now + .seconds(1)) }
    }

    private var isIdle: Bool {
        guard case .open = phase else { return false }
        return exchange == nil && input.isEmpty && output.isEmpty
    }
}
