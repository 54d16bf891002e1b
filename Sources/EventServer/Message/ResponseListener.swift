/// Waits for the end of a response.
package protocol ResponseListener: AnyObject, Sendable {
    /// The response has been handed to the system, or was given up.
    ///
    /// Called once, on the connection's event loop, which it must not block.
    ///
    /// - Parameter outcome: What was sent.
    func responseEnded(_ outcome: ResponseOutcome)
}
