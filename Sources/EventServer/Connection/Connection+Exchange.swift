import HTTPTypes

extension Connection {
    /// One request and its response, from the header section until both are through.
    struct Exchange {
        let head: RequestHead
        let body: BodyStream?
        var task: Task<Void, Never>?
        var isBodyComplete = false
        var isAnswered = false
        /// The client waits for `100 Continue` before it sends its body.
        var awaitsContinue: Bool
        var discarded = 0
    }

    func begin(_ head: RequestHead) {
        endWait()
        let hasBody = head.framing != .none && head.framing != .length(0)
        guard hasBody else {
            // The parser reports the end next, without another byte.
            exchange = Exchange(head: head, body: nil, awaitsContinue: false)
            return
        }
        let connection = LoopBound(self, on: server.loop)
        let body = BodyStream(isPaused: head.expectsContinue) { body in
            connection.run { $0.resume(body) }
        }
        exchange = Exchange(head: head, body: body, awaitsContinue: head.expectsContinue)
        start(head, RequestBody(body))
    }

    func receiveBody(_ bytes: [UInt8]) {
        exchange?.awaitsContinue = false
        guard exchange?.isAnswered == false else {
            exchange?.discarded += bytes.count
            if let exchange, exchange.discarded > Self.discardLimit { closeAfterFlush(lingering: true) }
            return
        }
        if exchange?.body?.append(bytes) == true { isBodyPaused = true }
    }

    func endBody() {
        guard let current = exchange else { return }
        exchange?.isBodyComplete = true
        current.body?.finish()
        if current.isAnswered {
            exchange = nil
        } else if current.body == nil {
            start(current.head, RequestBody(nil))
        }
    }

    /// A reader has asked for a body that was held back.
    private func resume(_ body: BodyStream) {
        // The reader may be on another thread, and the exchange over by now.
        guard case .open = phase, let current = exchange, current.body === body, !current.isAnswered else { return }
        if current.awaitsContinue {
            exchange?.awaitsContinue = false
            output += Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
        }
        isBodyPaused = false
        advance()
    }

    /// Runs the responder, from here and at once; only what it awaits comes back through the loop.
    private func start(_ head: RequestHead, _ body: RequestBody) {
        let request = Request(head: head, body: body, remoteAddress: remoteAddress)
        let responder = server.responder
        let connection = LoopBound(self, on: server.loop)
        let task = Task.immediate(executorPreference: server.loop) {
            let response = await responder.respond(to: request)
            connection.run {
                $0.finish(with: response)
            } orElse: {
                response.giveUp()
            }
        }
        exchange?.task = task
    }

    private func finish(with response: Response) {
        guard case .open = phase, let current = exchange else { return response.giveUp() }
        let closes = mustClose(after: current)
        let framing = ResponseEncoder.Framing(
            isHead: current.head.method == .head,
            closesConnection: closes,
            announcesKeepAlive: current.head.isOldVersion
        )
        let bodySize = server.encode(response, framing: framing, into: &output)
        let outcome = ResponseOutcome(status: response.status, bodySize: bodySize, isDelivered: true)
        unsentEnds.append((response, outcome))
        current.body?.revoke()
        // A client that did not ask for the end, or has sent more, may have bytes under way that nobody will read.
        let isDone = current.isBodyComplete && !current.head.keepsAlive && inputOffset == input.count
        if closes { closeAfterFlush(lingering: !isDone) }
        if closes || current.isBodyComplete {
            exchange = nil
        } else {
            exchange?.isAnswered = true
        }
        isBodyPaused = false
        advance()
    }

    private func mustClose(after exchange: Exchange) -> Bool {
        if !exchange.head.keepsAlive || server.isDraining || isInputBroken { return true }
        guard !exchange.isBodyComplete else { return false }
        // The rest of the body stands before the next request. It is read and dropped where that is cheap; a client that
        // was not asked to continue may or may not send it, which no framing could tell.
        if case .length(let length) = exchange.head.framing, length > UInt64(Self.discardLimit) { return true }
        return exchange.awaitsContinue
    }
}
