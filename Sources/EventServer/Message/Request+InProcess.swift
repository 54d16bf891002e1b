extension Request {
    /// A request as the parser reads it, without a connection; for tests of what answers requests.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - target: The target, such as `/users/7?verbose`.
    ///   - fields: The lines of the header section; a Host is added where there is none.
    ///   - body: The body, which is there already; none where it is `nil`.
    /// - Returns: The request.
    /// - Throws: Why the parser refuses it.
    package static func inProcess(
        _ method: String,
        _ target: String,
        fields: [String] = [],
        body: [UInt8]? = nil
    ) throws(RequestRefusal) -> Request {
        let hasHost = fields.contains { $0.lowercased().hasPrefix("host:") }
        let lines = ["\(method) \(target) HTTP/1.1"] + (hasHost ? [] : ["Host: test"]) + fields
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        var parser = RequestParser()
        var offset = 0
        guard case .head(let head) = try parser.next(bytes.span, at: &offset) else { throw .requestLine }
        let address = SocketAddress(IPAddress(v4: 0x7F00_0001), port: 0)
        return Request(head: head, body: RequestBody(body.map(stream)), remoteAddress: address)
    }

    private static func stream(_ body: [UInt8]) -> BodyStream {
        let stream = BodyStream(isPaused: false) { _ in }
        if !body.isEmpty { _ = stream.append(body) }
        stream.finish()
        return stream
    }
}

extension Response {
    /// Sends the body to `sink` in the place of a client, and tells those who wait for the end; for tests.
    ///
    /// - Parameter sink: Takes the bytes of a body in memory, or of a stream as they come. Of files nothing is sent.
    /// - Throws: What the producer of a stream throws.
    package func send(_ sink: @escaping @Sendable ([UInt8]) async throws(ResponseWriterError) -> Void) async throws {
        do {
            switch body.content {
            case .bytes(let bytes): if !bytes.isEmpty { try await sink(bytes) }
            case .stream(let stream): try await stream.producer(ResponseWriter(sink: sink))
            case .segments: break
            }
        } catch {
            giveUp(.broken)
            throw error
        }
        end(ResponseOutcome(status: status, bodySize: body.length ?? 0, ending: .delivered))
    }
}
