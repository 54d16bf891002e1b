import HTTPTypes
import Logging

extension Connection {
    /// How much may arrive ahead of the request that is being answered.
    static let readAheadLimit = 65_536
    /// How much of a body that nobody reads is taken in and dropped, to keep the connection.
    static let discardLimit = 262_144

    /// The socket has something to read.
    func receive() {
        guard wantsBytes else { return stopReading() }
        turn = Self.fullTurn
        switch pieceLimit.map(receivePiece) ?? receiveInput() {
        case .wouldBlock:
            return
        case .failed:
            close()
            return
        case .ended:
            hasInputEnded = true
        case .bytes(let count):
            if case .lingering(let budget) = phase {
                if count >= budget { close() } else { phase = .lingering(budget: budget - count) }
                return
            }
        }
        if case .lingering = phase { return close() }
        advance()
    }

    private func receiveInput() -> Socket.Transfer {
        var buffer = server.receiveBuffer.take()
        defer { server.receiveBuffer = buffer }
        let transfer = socket.receive(into: &buffer)
        if case .bytes(let count) = transfer, case .open = phase {
            var input = self.input.take()
            input += buffer[..<count]
            self.input = input
        }
        return transfer
    }

    /// How much can be received straight into a piece of a body, which spares copying it twice; `nil` where other bytes may come, or
    /// so few that a call for them alone would cost more.
    private var pieceLimit: Int? {
        guard case .open = phase, canParse, input.isEmpty, let exchange, !exchange.isAnswered else { return nil }
        let left = parser.bodyLeft
        return left < 16_384 ? nil : Int(min(left, UInt64(BodyStream.watermark)))
    }

    private func receivePiece(atMost limit: Int) -> Socket.Transfer {
        let (piece, transfer) = socket.receive(atMost: limit)
        if case .bytes(let count) = transfer {
            var parser = parser
            parser.skipBody(count)
            self.parser = parser
            receiveBody(piece)
        }
        return transfer
    }

    /// Goes on with whatever can go on: parse, answer, send, wait.
    func advance() {
        // A responder that answers at once calls this from within; the loop below takes it from there.
        guard !isProcessing else {
            goesOn = true
            return
        }
        isProcessing = true
        repeat {
            parse()
            let isHeldBack = exchange == nil && output.count >= Self.readAheadLimit
            goesOn = false
            flush()
            if isHeldBack, output.isEmpty { goesOn = true }
        } while goesOn
        isProcessing = false
        updateReading()
        updateDeadline()
        if server.isDraining { drain() }
    }

    /// The same for the code of a request, which goes on behind it.
    func advanceInsideRequest() {
        isInsideRequest = true
        defer { isInsideRequest = false }
        advance()
    }

    /// Requests that are pipelined are answered into one buffer, up to a bound; then the client has to take some first.
    private var canParse: Bool {
        guard case .open = phase, !isInputBroken, !closesAfterFlush else { return false }
        guard let exchange else { return output.count < Self.readAheadLimit }
        return !exchange.isBodyComplete && !isBodyPaused
    }

    private func parse() {
        if awaitsProxyHeader, !readProxyHeader() { return }
        do throws(RequestRefusal) {
            while canParse, let event = try nextEvent() { handle(event) }
        } catch {
            refuse(error)
        }
        dropReadInput()
        endInputIfOver()
    }

    private func dropReadInput() {
        var input = self.input.take()
        if inputOffset == input.count {
            input.removeAll(keepingCapacity: true)
            inputOffset = 0
        } else if inputOffset > 0, exchange == nil || inputOffset >= Self.readAheadLimit {
            input.removeFirst(inputOffset)
            inputOffset = 0
        }
        self.input = input
    }

    private func nextEvent() throws(RequestRefusal) -> RequestParser.Event? {
        let input = input
        var (parser, offset) = (parser, inputOffset)
        defer { (self.parser, inputOffset) = (parser, offset) }
        return try parser.next(input.span, at: &offset)
    }

    private func handle(_ event: RequestParser.Event) {
        switch event {
        case .head(let head):
            begin(head)
        case .body(let range):
            let input = input
            receiveBody(input.span.bytes(in: range))
        case .end:
            endBody()
        }
    }

    private func endInputIfOver() {
        guard hasInputEnded, case .open = phase, !closesAfterFlush else { return }
        if let exchange {
            if !exchange.isBodyComplete {
                isInputBroken = true
                exchange.body?.fail(.clientLeft)
                if exchange.isAnswered { closesAfterFlush = true }
            }
        } else if output.count < Self.readAheadLimit {
            closesAfterFlush = true
        }
    }

    /// Whether somebody wants what comes, or there is room for it.
    private var wantsBytes: Bool {
        switch phase {
        case .open: !hasInputEnded && !isBodyPaused && (canParse || input.count - inputOffset < Self.readAheadLimit)
        case .lingering: true
        case .closed: false
        }
    }

    /// Reads on while somebody wants the bytes; else the client has to wait.
    func updateReading() {
        guard wantsBytes != isReading else { return }
        guard isReading else {
            isReading = true
            endDepartureWatch()
            readEvent?.arm()
            return
        }
        // A reader that keeps up has taken what is there before more comes: to stop and go on again would be two system calls for
        // each piece. One that does not is found out by the next piece, which stays in the socket.
        if isBodyPaused, case .open = phase, !hasInputEnded { return }
        stopReading()
    }

    private func stopReading() {
        isReading = false
        readEvent?.disarm()
    }

    /// Answers a request that cannot be understood or accepted.
    ///
    /// The connection ends with it, since where the next request begins is not known.
    func refuse(_ refusal: RequestRefusal) {
        isInputBroken = true
        server.report(refusal, from: forwarding?.client ?? remoteAddress)
        if let exchange {
            // The handler is at work, and learns of it when it reads the body.
            exchange.body?.fail(.malformed(refusal))
            if exchange.isAnswered { closeAfterFlush(lingering: true) }
            return
        }
        respond(with: server.makeResponse(for: refusal), isOldVersion: false)
        closeAfterFlush(lingering: true)
    }

    /// Answers in the place of the responder, with a response that is our own and without a fault.
    func respond(with response: Response, isOldVersion: Bool) {
        let framing = ResponseEncoder.Framing(
            isHead: exchange?.head.method == .head,
            closesConnection: true,
            isOldVersion: isOldVersion
        )
        do throws(ResponseFault) { _ = try encode(response, framing: framing) } catch { close() }
    }
}
