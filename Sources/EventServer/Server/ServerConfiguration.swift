/// How an HTTP server listens, and what it allows its clients.
public struct ServerConfiguration: Sendable, Equatable {
    /// How long the server waits for something.
    public struct Timeouts: Sendable, Equatable {
        /// From the first byte of a request to the end of its header section, in all; then the answer is 408.
        public var header = Duration.seconds(10)

        /// For a client that sends nothing of the body it has announced; then reading it fails, and the answer is 408.
        ///
        /// Bytes give time back at the minimum rate, so that a slow upload may take as long as it needs.
        public var body = Duration.seconds(30)

        /// For a handler to answer, from the moment that its request is there; then the answer is 504, and its task is
        /// cancelled.
        ///
        /// Neither the time for which it waits for the client's body counts, nor that for streaming its response.
        public var handler = Duration.seconds(60)

        /// Between two requests of a connection; then it is closed.
        public var idle = Duration.seconds(60)

        /// For a client that takes nothing of its response; then the connection is closed.
        ///
        /// What it takes gives time back at the minimum rate.
        public var write = Duration.seconds(30)

        /// For requests that run when the server is asked to stop; then their connections are closed.
        public var drain = Duration.seconds(10)

        /// The timeouts that hold where nothing else is said.
        public init() {}
    }

    /// When the server has no time for more requests, and which ones it answers all the same.
    public struct Overload: Sendable, Equatable {
        /// How long a request may wait until it is looked at.
        ///
        /// When all of them wait longer for half a second, new ones get 503 with `Retry-After`, before their bodies are read.
        public var queueTime = Duration.milliseconds(500)

        /// Paths that are answered in any case, such as health checks.
        public var exempt: Set<String> = ["/health"]

        /// What holds where nothing else is said.
        public init() {}
    }

    /// A name or address of this machine.
    public var host = "127.0.0.1"

    /// The port; with 0 the system picks a free one.
    public var port = 8080

    /// Where to listen; where it names any, they replace ``host`` and ``port``.
    public var listen: [ListenAddress] = []

    /// Who may connect to the Unix sockets of ``listen``, as permissions of their files.
    public var socketMode: UInt32 = 0o660

    /// How many connections one address may have open at once, on all loops; further ones are closed without an answer.
    ///
    /// Of IPv6 the first 64 bits count, since one client has all addresses of such a network. Unix sockets and trusted proxies
    /// are not counted; with the PROXY protocol the client behind the proxy is. 0 stands for no limit.
    public var connectionsPerAddress = 1024

    /// The proxies in front of the server.
    public var proxies = Proxies()

    /// How many loops, each a thread with a listening socket of its own; 0 stands for one a processor.
    public var loops = 0

    /// How many connections may wait, for each loop, until they are accepted.
    public var backlog = 1024

    /// How many connections may be open at once, on all loops; further ones wait to be accepted.
    ///
    /// 0 stands for as many as the process has descriptors for, less half of them or 256, whichever is less: other parts of
    /// the process need some, too. More than that are never accepted.
    public var connections = 0

    /// What the parser accepts.
    public var limits = ParserLimits()

    /// The largest body that a handler gets unless it asks for more or less, in bytes; beyond it the answer is 413.
    public var bodyLimit = 1_048_576

    /// How many requests a connection may bring before it is closed, so that clients spread over the loops again; 0 stands for
    /// any number.
    public var requestsPerConnection = 10_000

    /// The bytes a second that clients have to send of a body, or take of a response, in the long run; 0 stands for any rate
    /// that keeps the timeouts.
    public var minimumRate = 240

    /// How a client is told that its request was refused by the server itself.
    public var refusals = RefusalFormat.text

    /// How long the server waits.
    public var timeouts = Timeouts()

    /// What happens when there is more to do than time.
    public var overload = Overload()

    /// How long a handler may keep its loop from everything else before the log names it.
    public var blockThreshold = Duration.milliseconds(500)

    /// A server for this machine alone, on port 8080.
    public init() {}

    /// Where the server will listen: ``listen``, or else ``host`` and ``port``.
    public var addresses: [ListenAddress] { listen.isEmpty ? [.tcp(host: host, port: port)] : listen }
}

extension ServerConfiguration.Timeouts {
    /// How often to look whether a time is over: often enough that none is late by more than a quarter, seldom enough to cost
    /// nothing.
    var tickPeriod: Duration { max(.milliseconds(10), min(.seconds(1), min(header, body, handler, idle, write) / 4)) }
}
