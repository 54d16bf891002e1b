extension Connection {
    /// How much is read and dropped after the last response, at most.
    private static let lingerBudget = 1_048_576
    /// A buffer that has grown beyond this is given back once it is empty.
    private static let keptCapacity = 16_384

    /// The connection ends once everything is sent.
    func closeAfterFlush(lingering: Bool) {
        closesAfterFlush = true
        if lingering { lingersAfterFlush = true }
    }

    /// Sends what there is, at once; only what the socket does not take waits for the loop.
    func flush() {
        guard case .open = phase else { return }
        while outputOffset < output.count {
            switch socket.send(output, from: outputOffset) {
            case .bytes(let count):
                outputOffset += count
                if wait == .write { endWait() }
            case .wouldBlock, .ended:
                waitForSpace()
                return
            case .failed:
                close()
                return
            }
        }
        writeEvent = nil
        outputOffset = 0
        if output.capacity > Self.keptCapacity { output = [] } else { output.removeAll(keepingCapacity: true) }
        let ends = unsentEnds
        unsentEnds.removeAll(keepingCapacity: true)
        for end in ends { end.response.end(end.outcome) }
        if closesAfterFlush { finish() }
    }

    private func waitForSpace() {
        guard writeEvent == nil else { return }
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
