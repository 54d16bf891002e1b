import HTTPTypes

extension Connection {
    /// One request and its response, from the header section until both are through.
    ///
    /// An object, since it is asked for at each step: as a struct all of it would be copied each time.
    final class Exchange {
        /// How far the answer has come.
        enum Answer {
            /// The responder is at work.
            case awaited
            /// The head is out, or nearly; the rest is sent as the client takes it, the last segment first.
            case segments([ResponseBody.Segment], Reply)
            /// The head is out, or nearly; a producer writes the body.
            case stream(Stream, Reply)
            /// All of it is in the connection's output, or further.
            case sent
        }

        /// The number of the request on its connection, by which late answers are told from those that are awaited.
        let number: Int
        let head: RequestHead
        let body: BodyStream?
        /// The request, once the responder has it.
        var request: Request?
        /// What works on the answer, until that is there.
        var task: RequestTask?
        var answer = Answer.awaited
        var isBodyComplete = false
        /// The client waits for `100 Continue` before it sends its body.
        var awaitsContinue: Bool
        var discarded = 0

        init(number: Int, head: RequestHead, body: BodyStream?, awaitsContinue: Bool) {
            self.number = number
            self.head = head
            self.body = body
            self.awaitsContinue = awaitsContinue
        }

        var isAnswered: Bool { if case .sent = answer { true } else { false } }
        var isAwaited: Bool { if case .awaited = answer { true } else { false } }
    }

    func begin(_ head: RequestHead) {
        endWait()
        requestCount += 1
        bodyPatience = Patience()
        writePatience = Patience()
        let hasBody = head.framing != .none && head.framing != .length(0)
        guard hasBody else {
            // The parser reports the end next, without another byte.
            exchange = Exchange(number: requestCount, head: head, body: nil, awaitsContinue: false)
            return
        }
        let connection = LoopBound(self, on: server.loop)
        let declared: UInt64? = if case .length(let length) = head.framing { length } else { nil }
        let body = BodyStream(
            limit: server.configuration.bodyLimit,
            declared: declared,
            isPaused: head.expectsContinue
        ) { body in
            connection.run { $0.resume(body) }
        }
        exchange = Exchange(number: requestCount, head: head, body: body, awaitsContinue: head.expectsContinue)
        start(head, RequestBody(body))
    }

    func receiveBody(_ bytes: [UInt8]) {
        earnBodyPatience(bytes.count)
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
        current.isBodyComplete = true
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
            // An answer that has begun meanwhile must not have it in its middle.
            guard current.isAwaited else { return }
            exchange?.awaitsContinue = false
            send(Self.continueLine)
        }
        isBodyPaused = false
        advanceInsideRequest()
    }

    static let continueLine = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// Runs the responder, from here and at once; only what it awaits comes back through the loop.
    private func start(_ head: RequestHead, _ body: RequestBody) {
        guard server.admits(head, sentAfter: idleSince) else { return shed(head) }
        guard let exchange else { return }
        exchange.request = Request(
            head: head,
            body: body,
            remoteAddress: remoteAddress,
            forwarding: forwarding,
            isServed: true
        )
        let task = server.loop.takeTask()
        exchange.task = task
        task.start(exchange, of: self)
    }

    /// Has a request answered, or the body of its answer written: what a task of the loop does for it.
    ///
    /// It goes on where the loop has stopped, and then on another thread. Inlined, since after each async call the runtime looks for the
    /// executor of the task, under a lock.
    @inline(__always)
    func perform(_ exchange: Exchange) async {
        if case .stream(let stream, _) = exchange.answer { return await produce(stream, exchange.number) }
        guard let request = exchange.request else { return }
        let response = await server.currentResponder.respond(to: request)
        let number = exchange.number
        // Without a closure where, as a rule, it has come back.
        if server.loop.isCurrent {
            server.loop.updateTime()
            return answer(number, with: response)
        }
        LoopBound(self, on: server.loop)
            .run {
                $0.answer(number, with: response)
            } orElse: {
                response.giveUp(.serverStopped)
            }
    }
}
