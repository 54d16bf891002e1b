/// How deep a test of an application goes.
public enum TestDepth: Sendable, CaseIterable {
    /// Through parser, chain, routes and encoder, without a socket: takes milliseconds.
    ///
    /// Nothing but a connection is missing: no timeout, no client that leaves.
    case inProcess
    /// Over a socket, to a server on a free port of this machine.
    case overSocket
}
