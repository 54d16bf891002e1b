/// Is told when nobody waits for the answer to a request any more.
package protocol RequestListener: AnyObject, Sendable {
    /// The client has left, or was answered in the place of the handler.
    ///
    /// Called on the connection's event loop, which it must not block.
    func requestAbandoned()
}
