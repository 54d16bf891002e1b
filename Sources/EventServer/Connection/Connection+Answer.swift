import HTTPTypes
import Logging

extension Connection {
    /// What has to be known of a response until its end.
    struct Reply {
        let status: HTTPResponse.Status
        let end: Response.End
        let closes: Bool
        var bodySize: Int
    }

    /// Sends a response, if its request still waits for one.
    func answer(_ number: Int, with response: Response) {
        guard case .open = phase, let current = exchange, current.number == number, current.isAwaited else {
            guard let size = abandoned.removeValue(forKey: number) else { return response.giveUp(ending) }
            return response.giveUp(.timedOut, bodySize: size)
        }
        // It works for somebody else from now on.
        current.task = nil
        do throws(ResponseFault) {
            try send(response, in: current)
        } catch {
            log(error, current.head)
            let replacement = Response.text("500 Internal Server Error\n", status: .internalServerError)
            answerInstead(with: response.replaced(by: replacement), of: current)
        }
    }

    /// Sends a response of our own, which has no fault.
    func answerInstead(with response: Response, of current: Exchange) {
        do throws(ResponseFault) { try send(response, in: current) } catch { close() }
    }

    /// Answers in the place of a handler that does not, and lets it know.
    func expireHandler() {
        guard let current = exchange, current.isAwaited else { return }
        server.logger.warning(
            "a handler took too long",
            metadata: [
                "method": "\(current.head.method.rawValue)", "path": "\(current.head.path)",
                "timeout-ms": "\(server.configuration.timeouts.handler.milliseconds)",
                "advice": "find what it waits for, or raise server.timeouts.handler",
            ]
        )
        let response = Response.text("504 Gateway Timeout\n", status: .gatewayTimeout)
        abandoned[current.number] = current.head.method == .head ? 0 : response.body.length ?? 0
        current.task?.cancel()
        current.task = nil
        answerInstead(with: response, of: current)
    }

    /// Refuses a request that there is no time for, before its body is read.
    func shed(_ head: RequestHead) {
        guard let current = exchange else { return }
        let headers: ResponseFields = [.retryAfter: "1", .contentType: "text/plain; charset=utf-8"]
        let body = Array("503 Service Unavailable: too busy, please try again.\n".utf8)
        answerInstead(with: Response(status: .serviceUnavailable, headers: headers, body: body), of: current)
    }

    private func send(_ response: Response, in current: Exchange) throws(ResponseFault) {
        let framing = ResponseEncoder.Framing(
            isHead: current.head.method == .head,
            closesConnection: mustClose(after: current),
            isOldVersion: current.head.isOldVersion
        )
        let head = try encode(response, framing: framing)
        var reply = Reply(status: response.status, end: response.end, closes: head.closesConnection, bodySize: 0)
        // A client that was not asked to continue may not send its body after the final answer has begun.
        if current.awaitsContinue { current.body?.fail(.requestEnded) }
        switch (head.coding, response.body.content) {
        case (.none, _):
            endAnswer(reply)
        case (_, .bytes(let bytes)):
            reply.bodySize = bytes.count
            endAnswer(reply)
        case (_, .segments(let segments)):
            reply.bodySize = response.body.length ?? 0
            exchange?.answer = .segments(segments.reversed(), reply)
        case (let coding, .stream(let source)):
            startStream(source, coding: coding, reply)
        }
        advance()
    }

    func encode(
        _ response: Response,
        framing: ResponseEncoder.Framing
    ) throws(ResponseFault) -> ResponseEncoder.Head {
        var output = self.output.take()
        defer { self.output = output }
        return try server.encode(response, framing: framing, into: &output)
    }

    /// All of the response is in the output: what remains is the rest of the request, and the next one.
    func endAnswer(_ reply: Reply) {
        guard let current = exchange else { return }
        let outcome = ResponseOutcome(status: reply.status, bodySize: reply.bodySize, ending: .delivered)
        var ends = unsentEnds.take()
        ends.append((reply.end, outcome))
        unsentEnds = ends
        if current.body?.hasOverflowed == true { server.report(.bodyTooLarge, from: remoteAddress) }
        current.body?.revoke()
        // A client that did not ask for the end, or has sent more, may have bytes under way that nobody will read.
        let isDone = current.isBodyComplete && !current.head.keepsAlive && inputOffset == input.count
        // The body may have broken off after the head of the answer was sent.
        let closes = reply.closes || isInputBroken
        if closes { closeAfterFlush(lingering: !isDone) }
        if closes || current.isBodyComplete {
            exchange = nil
        } else {
            exchange?.answer = .sent
        }
        isBodyPaused = false
    }

    /// Ends a response of which only a part can be sent, so that the client sees that something is missing.
    func breakAnswer(_ reply: Reply, _ fault: some CustomStringConvertible) {
        if let exchange { log(fault, exchange.head) }
        let outcome = ResponseOutcome(status: reply.status, bodySize: reply.bodySize, ending: .broken)
        // Where the end of the connection is the end of the body, an orderly one would say that this is all.
        if case .stream(let stream, _) = exchange?.answer, stream.coding == .untilClose { socket.resetAtClose() }
        exchange?.answer = .sent
        reply.end(outcome)
        close()
    }

    func mustClose(after exchange: Exchange) -> Bool {
        if !exchange.head.keepsAlive || server.isDraining || isInputBroken { return true }
        let requestLimit = server.configuration.requestsPerConnection
        if requestLimit > 0, exchange.number >= requestLimit { return true }
        guard !exchange.isBodyComplete else { return false }
        if exchange.body?.hasOverflowed == true { return true }
        // The rest of the body stands before the next request. It is read and dropped where that is cheap; a client that
        // was not asked to continue may or may not send it, which no framing could tell.
        if case .length(let length) = exchange.head.framing, length > UInt64(Self.discardLimit) { return true }
        return exchange.awaitsContinue
    }

    private func log(_ fault: some CustomStringConvertible, _ head: RequestHead) {
        server.logger.error(
            "response refused",
            metadata: ["reason": "\(fault)", "method": "\(head.method.rawValue)", "path": "\(head.path)"]
        )
    }
}
