extension Connection {
    /// Sees to it that a client is noticed that leaves while a request of it runs and nothing is read.
    ///
    /// Called now and then instead of at once: most requests are answered long before.
    func watchForDeparture() {
        guard exchange != nil, !isReading, departureEvent == nil, writeEvent == nil, case .open = phase else { return }
        departureEvent = Event(on: server.loop, .departure(socket.descriptor)) { [unowned self] in noticeDeparture() }
        departureEvent?.arm()
    }

    /// Makes room for another event on the descriptor.
    ///
    /// Disarmed before it is let go: when it is called by itself, it lives on until its call is over.
    func endDepartureWatch() {
        departureEvent?.disarm()
        departureEvent = nil
    }

    private func noticeDeparture() {
        switch socket.standing {
        case .connected: break
        case .gone: close()
        case .halfClosed: askWhetherGone()
        }
    }

    /// Finds out whether a client that has finished sending has closed.
    ///
    /// Both look the same until something is sent: whoever has closed answers with a reset. What is sent is `100 Continue`,
    /// which a client may discard that did not ask for it (RFC 9110, section 15.2.1); one of HTTP/1.0 knows it not (section
    /// 15.2) and gets its answer in any case.
    private func askWhetherGone() {
        guard let current = exchange, current.isAwaited, !current.head.isOldVersion, !hasAskedWhetherGone else {
            return
        }
        hasAskedWhetherGone = true
        send(Self.continueLine)
        flush()
    }
}
