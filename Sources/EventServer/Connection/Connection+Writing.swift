extension Connection {
    /// How much is read and dropped after the last response, at most.
    private static let lingerBudget = 1_048_576
    /// A buffer that has grown beyond this is given back once it is empty.
    private static let keptCapacity = 16_384
    /// How much of files and streams is sent before the other connections have their turn.
    static let fullTurn = 1_048_576
    /// What a piece counts at least, since it costs a system call however small it is.
    private static let leastCost = 4096

    /// How much waits in memory to be sent.
    var unsentCount: Int { output.count - outputOffset }

    func useTurn(_ count: Int) { turn = max(0, turn - max(count, Self.leastCost)) }

    /// The connection ends once everything is sent.
    func closeAfterFlush(lingering: Bool) {
        closesAfterFlush = true
        if lingering { lingersAfterFlush = true }
    }

    /// Takes bytes into the output.
    func send(_ bytes: [UInt8]) {
        var output = self.output.take()
        output += bytes
        self.output = output
    }

    /// Sends what there is, at once; only what the socket does not take waits for the loop.
    func flush() {
        guard case .open = phase else { return }
        // Those who wait for the ends of earlier responses are told by the loop, which has no task-locals.
        if isInsideRequest, !unsentEnds.isEmpty { return waitForSpace() }
        repeat {
            guard flushOutput() else { return resumeProducer() }
        } while flushSegment()
        guard case .open = phase, output.isEmpty else { return }
        if case .segments = exchange?.answer { return }
        writeEvent = nil
        tellEnds()
        resumeProducer()
        if closesAfterFlush { finish() }
    }

    /// Tells those whose responses are sent.
    private func tellEnds() {
        // Put back, so that the array keeps its memory: while they are told, more may be added.
        var ends = unsentEnds.take()
        for (end, outcome) in ends { end(outcome) }
        server.loop.updateTime()
        ends.removeAll(keepingCapacity: true)
        if unsentEnds.isEmpty { unsentEnds = ends }
    }

    /// Sends what lies in the output, and returns whether that was all.
    private func flushOutput() -> Bool {
        while outputOffset < output.count {
            switch sendOutput() {
            case .bytes(let count):
                outputOffset += count
                earnWritePatience(count)
            case .wouldBlock, .ended:
                dropSentOutput()
                waitForSpace()
                return false
            case .failed:
                // The event for space comes at once, and finds the same.
                if isInsideRequest { waitForSpace() } else { close() }
                return false
            }
        }
        dropOutput()
        return true
    }

    private func sendOutput() -> Socket.Transfer {
        let output = output
        return socket.send(output, from: outputOffset)
    }

    private func dropOutput() {
        outputOffset = 0
        var output = self.output.take()
        output.removeAll(keepingCapacity: true)
        if output.capacity <= Self.keptCapacity { self.output = output }
    }

    /// A stream may go on for ever without its output ever being empty.
    private func dropSentOutput() {
        // What is moved is less than what was sent, so that a large response is not moved with each piece that is taken.
        guard outputOffset >= max(Self.readAheadLimit, unsentCount) else { return }
        var output = self.output.take()
        output.removeFirst(outputOffset)
        self.output = output
        outputOffset = 0
    }

    /// Moves the next segment on, and returns whether there may be more to send at once.
    private func flushSegment() -> Bool {
        guard case .open = phase, case .segments(var segments, let reply) = exchange?.answer else { return false }
        guard let segment = segments.popLast() else {
            endAnswer(reply)
            goesOn = true
            return false
        }
        switch segment {
        case .bytes(let bytes):
            output = bytes
        case .file(let file, var offset, let count):
            let end = offset + count
            let transfer = socket.send(file, from: &offset, count: min(count, turn))
            if offset < end { segments.append(.file(file, offset: offset, count: end - offset)) }
            exchange?.answer = .segments(segments, reply)
            switch transfer {
            case .bytes(let sent):
                earnWritePatience(sent)
                useTurn(sent)
                guard offset < end || turn == 0 else { return true }
                waitForSpace()
            case .wouldBlock:
                waitForSpace()
            case .ended:
                breakAnswer(reply, ResponseFault.fileShrank)
            case .failed:
                close()
            }
            return false
        }
        exchange?.answer = .segments(segments, reply)
        return true
    }

    /// Goes on when the client has taken some, and the other connections have had their turn.
    func waitForSpace() {
        guard writeEvent == nil else { return }
        endDepartureWatch()
        writeEvent = Event(on: server.loop, .writable(socket.descriptor)) { [unowned self] in
            turn = Self.fullTurn
            advance()
        }
        writeEvent?.arm()
    }

    private func finish() {
        guard lingersAfterFlush, !hasInputEnded else { return close() }
        socket.finishSending()
        phase = .lingering(budget: Self.lingerBudget)
        exchange = nil
        input = []
        inputOffset = 0
    }
}
