/// How an HTTP server listens, and what it allows its clients.
public struct ServerConfiguration: Sendable, Equatable {
    /// How long the server waits for something.
    public struct Timeouts: Sendable, Equatable {
        /// From the first byte of a request to the end of its header section, in all; then the answer is 408.
        public var header = Duration.seconds(10)

        /// Between two arrivals of bytes of a body; then reading it fails, and the answer is 408.
        public var body = Duration.seconds(30)

        /// Between two requests of a connection; then it is closed.
        public var idle = Duration.seconds(60)

        /// Until a client takes the next bytes of a response; then the connection is closed.
        public var write = Duration.seconds(30)

        /// For requests that run when the server is asked to stop; then their connections are closed.
        public var drain = Duration.seconds(10)

        /// The timeouts that hold where nothing else is said.
        public init() {}
    }

    /// A name or address of this machine.
    public var host = "127.0.0.1"

    /// The port; with 0 the system picks a free one.
    public var port = 8080

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

    /// How long the server waits.
    public var timeouts = Timeouts()

    /// A server for this machine alone, on port 8080.
    public init() {}
}
