/// The seam of the server: what turns a request into a response.
///
/// It is called once for each request, on the event loop of the request's connection, and may suspend; it comes back to
/// that loop. It cannot throw: past this line every error has become a response. The next request of a connection begins
/// when the response of this one is there, so the order of responses is that of the requests.
public protocol Responder: Sendable {
    /// Called once on the thread of each loop, before its first connection.
    ///
    /// For what a responder keeps for each thread. By default it does nothing.
    func prepareLoop()

    /// Answers a request.
    ///
    /// It must not block its thread: all connections of the loop would wait.
    ///
    /// - Parameter request: The request; its body may still be arriving.
    /// - Returns: The response.
    func respond(to request: Request) async -> Response
}

extension Responder {
    /// Does nothing.
    public func prepareLoop() {}
}

/// Several responders, of which one after the other answers.
///
/// A server asks for the one whose turn it is, instead of passing each request through one more async call.
package protocol RespondersInTurn: Responder {
    /// Who answers a request that begins now.
    var current: any Responder { get }
}
