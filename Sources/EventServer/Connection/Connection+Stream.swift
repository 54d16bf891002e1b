import HTTPTypes

extension Connection {
    /// A body that a producer writes while it is sent.
    struct Stream {
        let source: ResponseBody.Stream
        let coding: ResponseEncoder.Coding
        let writer: ResponseWriter
        /// The producer's tasks that wait until the client has taken more.
        var waiting: [CheckedContinuation<ResponseWriterError?, Never>] = []
    }

    /// How much may wait to be sent before a producer has to wait.
    private static let streamWatermark = 65_536

    func startStream(_ source: ResponseBody.Stream, coding: ResponseEncoder.Coding, _ reply: Reply) {
        guard let exchange else { return }
        let connection = LoopBound(self, on: server.loop)
        let writer = ResponseWriter(connection: connection, exchange: exchange.number)
        exchange.answer = .stream(Stream(source: source, coding: coding, writer: writer), reply)
        let task = server.loop.takeTask()
        exchange.task = task
        task.start(exchange, of: self)
    }

    func produce(_ stream: Stream, _ number: Int) async {
        let connection = LoopBound(self, on: server.loop)
        do {
            try await stream.source.producer(stream.writer)
            connection.run { $0.endStream(number) }
        } catch {
            connection.run { $0.breakStream(number, error) }
        }
    }

    /// Takes what a producer has written.
    func write(
        _ bytes: [UInt8],
        to number: Int,
        whenRoom room: CheckedContinuation<ResponseWriterError?, Never>
    ) {
        guard case .open = phase else { return room.resume(returning: .clientLeft) }
        guard exchange?.number == number, case .stream(var stream, var reply) = exchange?.answer else {
            return room.resume(returning: .finished)
        }
        switch stream.coding {
        case .length(let length):
            guard bytes.count <= length - reply.bodySize else { return room.resume(returning: .tooLong) }
            send(bytes)
        case .chunked:
            var output = self.output.take()
            output.append(hexadecimal: bytes.count)
            output += [ASCII.carriageReturn, ASCII.lineFeed]
            output += bytes
            output += [ASCII.carriageReturn, ASCII.lineFeed]
            self.output = output
        case .untilClose, .none:
            send(bytes)
        }
        reply.bodySize += bytes.count
        useTurn(bytes.count)
        stream.waiting.append(room)
        exchange?.answer = .stream(stream, reply)
        advanceInsideRequest()
    }

    /// Lets the producer go on, when the client has taken enough.
    func resumeProducer() {
        guard unsentCount < Self.streamWatermark, case .stream(var stream, let reply) = exchange?.answer,
            !stream.waiting.isEmpty
        else { return }
        // A client that takes everything at once would keep the producer running, and the loop from everybody else.
        guard turn > 0 else { return waitForSpace() }
        let waiting = stream.waiting
        stream.waiting = []
        exchange?.answer = .stream(stream, reply)
        for producer in waiting { producer.resume(returning: nil) }
    }

    private func endStream(_ number: Int) {
        guard exchange?.number == number, case .stream(let stream, let reply) = exchange?.answer else { return }
        exchange?.task = nil
        let trailers = stream.writer.end()
        for producer in stream.waiting { producer.resume(returning: .finished) }
        switch stream.coding {
        case .length(let length) where reply.bodySize < length:
            return breakAnswer(reply, ResponseFault.shortStream(promised: length, written: reply.bodySize))
        case .chunked:
            do throws(ResponseFault) { try TrailerRules.check(trailers) } catch { return breakAnswer(reply, error) }
            var output = self.output.take()
            output.append(UInt8(ascii: "0"))
            for field in trailers { output.append(field: field.name.rawName, field.value) }
            output += Array("\r\n\r\n".utf8)
            self.output = output
        case .length, .untilClose, .none:
            break
        }
        endAnswer(reply)
        advance()
    }

    private func breakStream(_ number: Int, _ error: any Error) {
        guard exchange?.number == number, case .stream(_, let reply) = exchange?.answer else { return }
        // Tasks that the producer has left behind may wait for room.
        failProducer()
        breakAnswer(reply, "A streamed response broke off: \(error)")
    }

    /// Nobody will take what the producer writes.
    func failProducer() {
        guard case .stream(let stream, _) = exchange?.answer else { return }
        stream.writer.end()
        for producer in stream.waiting { producer.resume(returning: .clientLeft) }
    }
}
