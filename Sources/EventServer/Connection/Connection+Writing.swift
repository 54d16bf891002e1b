extension Connection {
    /// How much is read and dropped after the last response, at most.
    private static let lingerBudget = 1_048_576
    /// A buffer that has grown beyond this is given back once it is empty.
    private static let keptCapacity = 16_384
    /// How much of a file is sent before the other connections have their turn.
    private static let fileTurn = 1_048_576

    /// How much waits in memory to be sent.
    var unsentCount: Int { output.count - outputOffset }

    /// The connection ends once everything is sent.
    func closeAfterFlush(lingering: Bool) {
        closesAfterFlush = true
        if lingering { lingersAfterFlush = true }
    }

    /// Sends what there is, at once; only what the socket does not take waits for the loop.
    func flush() {
        guard case .open = phase else { return }
        repeat {
            guard flushOutput() else { return resumeProducer() }
        } while flushSegment()
        guard case .open = phase, output.isEmpty else { return }
        if case .segments = exchange?.answer { return }
        writeEvent = nil
        let ends = unsentEnds
        unsentEnds.removeAll(keepingCapacity: true)
        for end in ends { end.response.end(end.outcome) }
        resumeProducer()
        if closesAfterFlush { finish() }
    }

    /// Sends what lies in the output, and returns whether that was all.
    private func flushOutput() -> Bool {
        while outputOffset < output.count {
            switch socket.send(output, from: outputOffset) {
            case .bytes(let count):
                outputOffset += count
                earnWritePatience(count)
            case .wouldBlock, .ended:
                dropSentOutput()
                waitForSpace()
                return false
            case .failed:
                close()
                return false
            }
        }
        outputOffset = 0
        if output.capacity > Self.keptCapacity { output = [] } else { output.removeAll(keepingCapacity: true) }
        return true
    }

    /// A stream may go on for ever without its output ever being empty.
    private func dropSentOutput() {
        guard outputOffset >= Self.readAheadLimit else { return }
        output.removeFirst(outputOffset)
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
            let transfer = socket.send(file, from: &offset, count: min(count, Self.fileTurn))
            if offset < end { segments.append(.file(file, offset: offset, count: end - offset)) }
            exchange?.answer = .segments(segments, reply)
            switch transfer {
            case .bytes(let sent):
                earnWritePatience(sent)
                if offset < end { waitForSpace() }
                return offset == end
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

    private func waitForSpace() {
        guard writeEvent == nil else { return }
        departureEvent = nil
        writeEvent = Event(on: server.loop, .writable(socket.descriptor)) { [unowned self] in advance() }
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
