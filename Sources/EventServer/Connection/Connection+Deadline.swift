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
    }

    /// Called after anything has happened.
    func updateDeadline() {
        let next = nextWait
        // The time for a header section runs from its first byte, and that for a response from the bytes that were taken
        // last, whatever arrives meanwhile.
        if next == wait, next == .header || next == .write { return }
        wait = next
        let timeouts = server.configuration.timeouts
        let timeout: Duration? =
            switch next {
            case .idle: timeouts.idle
            case .header: timeouts.header
            case .body: timeouts.body
            case .write: timeouts.write
            case .linger: min(.seconds(2), timeouts.idle)
            case .handler: nil
            }
        if let timeout { deadline = EventLoop.now + timeout }
    }

    /// What was waited for has come: the next wait has its full time.
    func endWait() { wait = .handler }

    private var nextWait: Wait {
        if case .lingering = phase { return .linger }
        if !output.isEmpty { return .write }
        guard let exchange else { return input.isEmpty && parser.isBetweenRequests ? .idle : .header }
        let isBodyDue = !exchange.isBodyComplete && !isBodyPaused && !exchange.awaitsContinue && !isInputBroken
        return isBodyDue ? .body : .handler
    }

    /// Called by the loop now and then: acts when the time is over.
    func tick(_ now: Duration) {
        if wait == .idle, exchange == nil, input.isEmpty, input.capacity > 0 || output.capacity > 0 {
            // Idle connections are many; what they hold is what counts.
            input = []
            output = []
        }
        guard wait != .handler, now >= deadline else { return }
        switch wait {
        case .idle, .write, .linger:
            close()
        case .header:
            refuse(.headerTimeout)
            advance()
        case .body:
            expireBody()
        case .handler:
            break
        }
    }

    private func expireBody() {
        guard let exchange, !exchange.isAnswered else { return close() }
        isInputBroken = true
        endWait()
        exchange.body?.fail(.timedOut)
    }
}
