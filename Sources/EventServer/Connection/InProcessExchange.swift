import HTTPTypes
import Synchronization

/// A request and its response in the bytes of HTTP/1.1, without a connection; for tests of what answers requests.
///
/// Parser and encoder are those of the server, so a test sees what a client would see. What takes a connection is not there:
/// timeouts, minimum rates, clients that leave.
package struct InProcessExchange: Sendable {
    private let configuration: ServerConfiguration
    private let responder: any Responder

    /// Creates the place of a server.
    ///
    /// - Parameters:
    ///   - configuration: Its limits, and how it refuses.
    ///   - responder: What answers.
    package init(configuration: ServerConfiguration, responder: any Responder) {
        self.configuration = configuration
        self.responder = responder
    }

    /// Answers one request.
    ///
    /// - Parameter message: The whole request.
    /// - Returns: All that a client would get. Where a streamed response breaks off, so do the bytes.
    package func answer(to message: [UInt8]) async -> [UInt8] {
        do throws(RequestRefusal) {
            let (head, body) = try read(message)
            let address = SocketAddress(IPAddress(v4: 0x7F00_0001), port: 0)
            let isTrusted = configuration.proxies.trust(address)
            let request = Request(
                head: head,
                body: RequestBody(body),
                remoteAddress: address,
                forwarding: isTrusted ? Forwarding(client: address, proxies: configuration.proxies) : nil
            )
            let bytes = await send(await responder.respond(to: request), to: head)
            body?.revoke()
            return bytes
        } catch {
            let framing = ResponseEncoder.Framing(isHead: false, closesConnection: true, isOldVersion: false)
            return encode(error.makeResponse(as: configuration.refusals), framing).bytes
        }
    }

    private func read(_ message: [UInt8]) throws(RequestRefusal) -> (RequestHead, BodyStream?) {
        var parser = RequestParser(limits: configuration.limits)
        var offset = 0
        guard case .head(let head) = try parser.next(message.span, at: &offset) else { throw .requestLine }
        guard head.framing != .none, head.framing != .length(0) else { return (head, nil) }
        let declared: UInt64? = if case .length(let length) = head.framing { length } else { nil }
        let body = BodyStream(limit: configuration.bodyLimit, declared: declared, isPaused: false) { _ in }
        while let event = try parser.next(message.span, at: &offset) {
            if case .body(let range) = event { _ = body.append(Array(message[range])) }
            if case .end = event {
                body.finish()
                return (head, body)
            }
        }
        // The request ends within its body: its client has left.
        body.fail(.clientLeft)
        return (head, body)
    }

    /// What encodes a response, or the 500 in the place of one that cannot be sent.
    private func encode(
        _ response: Response,
        _ framing: ResponseEncoder.Framing
    ) -> (bytes: [UInt8], coding: ResponseEncoder.Coding, sent: Response) {
        var output: [UInt8] = []
        let encoder = ResponseEncoder(date: HTTPDate.text(secondsSince1970: EventLoop.secondsSince1970))
        do throws(ResponseFault) {
            let head = try encoder.encode(response, framing: framing, into: &output)
            return (output, head.coding, response)
        } catch {
            let text = Response.text("500 Internal Server Error\n", status: .internalServerError)
            let replacement = response.replaced(by: text)
            let head = try? encoder.encode(replacement, framing: framing, into: &output)
            return (output, head?.coding ?? .none, replacement)
        }
    }

    private func send(_ response: Response, to head: RequestHead) async -> [UInt8] {
        let framing = ResponseEncoder.Framing(
            isHead: head.method == .head,
            closesConnection: !head.keepsAlive,
            isOldVersion: head.isOldVersion
        )
        var (output, coding, sent) = encode(response, framing)
        var size = sent.body.length ?? 0
        var isWhole = true
        switch (coding, sent.body.content) {
        case (.none, _): size = 0
        case (_, .bytes): break
        case (_, .segments(let segments)):
            for segment in segments {
                switch segment {
                case .bytes(let bytes): output += bytes
                case .file(let file, let offset, let count):
                    guard let bytes = try? file.read(from: offset, count: count) else {
                        isWhole = false
                        break
                    }
                    output += bytes
                }
            }
        case (_, .stream(let stream)):
            let reader = StreamReader(coding: coding)
            isWhole = await reader.read(stream)
            output += reader.bytes
            size = reader.size
        }
        sent.end(ResponseOutcome(status: sent.status, bodySize: size, ending: isWhole ? .delivered : .broken))
        return output
    }
}

/// Takes a streamed body in the place of a client.
private final class StreamReader: Sendable {
    private let coding: ResponseEncoder.Coding
    private let state = Mutex<(bytes: [UInt8], size: Int)>(([], 0))

    init(coding: ResponseEncoder.Coding) { self.coding = coding }

    /// The body as it is coded.
    var bytes: [UInt8] { state.withLock(\.bytes) }

    /// How long the body is.
    var size: Int { state.withLock(\.size) }

    /// Runs the producer; whether it has written all that it should.
    func read(_ stream: ResponseBody.Stream) async -> Bool {
        let writer = ResponseWriter { bytes throws(ResponseWriterError) in try self.take(bytes) }
        do {
            try await stream.producer(writer)
            let trailers = writer.end()
            guard case .chunked = coding else { return coding == .untilClose || coding == .length(size) }
            try TrailerRules.check(trailers)
            state.withLock { state in
                state.bytes.append(UInt8(ascii: "0"))
                for field in trailers { state.bytes.append(field: field.name.rawName, field.value) }
                state.bytes += Array("\r\n\r\n".utf8)
            }
            return true
        } catch {
            _ = writer.end()
            return false
        }
    }

    private func take(_ bytes: [UInt8]) throws(ResponseWriterError) {
        let isRoom = state.withLock { state in
            if case .length(let length) = coding, bytes.count > length - state.size { return false }
            state.size += bytes.count
            if coding == .chunked { state.bytes.append(hexadecimal: bytes.count) }
            if coding == .chunked { state.bytes += [ASCII.carriageReturn, ASCII.lineFeed] }
            state.bytes += bytes
            if coding == .chunked { state.bytes += [ASCII.carriageReturn, ASCII.lineFeed] }
            return true
        }
        if !isRoom { throw .tooLong }
    }
}
