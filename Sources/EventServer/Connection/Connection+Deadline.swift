extension Connection {
    /// What a connection waits for, which decides for how long.
    enum Wait {
        /// The next request.
        case idle
        /// The rest of a header section.
        case header
        /// More of a body.
        case body
        /// The responder.
        case handler
        /// The client to take more of a response.
        case write
        /// The client to close.
        case linger
        /// Something that has no limit.
        case nothing
    }

    /// Called after anything has happened.
    func updateDeadline() {
        let next = nextWait
        // The time for a header section runs from its first byte, that for an answer from the request, and that for a
        // response from the bytes that were taken last, whatever arrives meanwhile.
        if next == wait, next == .header || next == .write || next == .handler { return }
        let now = server.loop.now
        let timeouts = server.configuration.timeouts
        suspendPatience(now)
        wait = next
        switch next {
        case .idle:
            idleSince = now
            deadline = now + timeouts.idle
        case .header: deadline = now + timeouts.header
        case .body:
            var patience = bodyPatience
            deadline = patience.begin(now, limit: timeouts.body)
            bodyPatience = patience
        case .write:
            unacknowledged = socket.unacknowledgedCount
            var patience = writePatience
            deadline = patience.begin(now, limit: timeouts.write)
            writePatience = patience
        case .linger: deadline = now + min(.seconds(2), timeouts.idle)
        case .handler: deadline = now + timeouts.handler
        case .nothing: break
        }
    }

    /// What was waited for has come: the next wait has its full time.
    func endWait() {
        if wait == .body || wait == .write { suspendPatience(server.loop.now) }
        wait = .nothing
    }

    private func suspendPatience(_ now: Duration) {
        if wait == .body {
            var patience = bodyPatience
            patience.suspend(now)
            bodyPatience = patience
        }
        if wait == .write {
            var patience = writePatience
            patience.suspend(now)
            writePatience = patience
        }
    }

    private var nextWait: Wait {
        if case .lingering = phase { return .linger }
        if !output.isEmpty { return .write }
        guard let exchange else {
            return input.isEmpty && parser.isBetweenRequests && !awaitsProxyHeader ? .idle : .header
        }
        if case .segments = exchange.answer { return .write }
        let isBodyDue = !exchange.isBodyComplete && !isBodyPaused && !exchange.awaitsContinue && !isInputBroken
        if isBodyDue { return .body }
        // A producer may take the time that it needs.
        return exchange.isAwaited ? .handler : .nothing
    }

    /// The client has taken some of the response.
    func earnWritePatience(_ count: Int) {
        if wait == .write { endWait() }
        var patience = writePatience
        patience.earn(count, rate: server.configuration.minimumRate, limit: server.configuration.timeouts.write)
        writePatience = patience
    }

    /// The client has sent some of a body.
    func earnBodyPatience(_ count: Int) {
        if wait == .body { endWait() }
        var patience = bodyPatience
        patience.earn(count, rate: server.configuration.minimumRate, limit: server.configuration.timeouts.body)
        bodyPatience = patience
    }

    /// Called by the loop now and then: acts when the time is over.
    func tick(_ now: Duration) {
        if wait == .idle, exchange == nil, input.isEmpty, input.capacity > 0 || output.capacity > 0 {
            // Idle connections are many; what they hold is what counts.
            input = []
            output = []
            if unsentEnds.isEmpty { unsentEnds = [] }
        }
        watchForDeparture()
        guard wait != .nothing, now >= deadline else { return }
        switch wait {
        case .idle, .linger: close()
        case .header where awaitsProxyHeader: refuse(ProxyRefusal.timeout)
        case .header:
            refuse(.headerTimeout)
            advance()
        case .body: expireBody()
        case .write: expireWrite()
        case .handler: expireHandler()
        case .nothing: break
        }
    }

    private func expireBody() {
        guard let exchange, !exchange.isAnswered else { return close() }
        server.report(.bodyTimeout, from: remoteAddress)
        isInputBroken = true
        endWait()
        exchange.body?.fail(.timedOut)
        updateDeadline()
    }

    /// The system's own buffer is large: it may be long until it has room again, while the client reads all the time.
    private func expireWrite() {
        let left = socket.unacknowledgedCount
        let taken = unacknowledged - left
        guard taken > 0 else { return close() }
        earnWritePatience(taken)
        updateDeadline()
    }
}
