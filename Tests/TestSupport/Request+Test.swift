// What is built for users cannot be imported like this, and needs none of it.
#if DEBUG
import Glibc

@testable public import EventServer

extension Request {
    /// A request as the parser reads it, without a connection.
    ///
    /// - Parameters:
    ///   - target: The target, such as `/users/7?verbose`.
    ///   - method: The method.
    ///   - fields: Whole lines of the header section, beside Host.
    ///   - body: The body, which is there already; none where it is `nil`.
    /// - Returns: The request.
    /// - Throws: Why the parser refuses it.
    public static func test(
        _ target: String = "/",
        method: String = "GET",
        fields: [String] = [],
        body: [UInt8]? = nil
    ) throws -> Request {
        let lines = ["\(method) \(target) HTTP/1.1", "Host: test"] + fields
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        var parser = RequestParser()
        var offset = 0
        guard case .head(let head) = try parser.next(bytes.span, at: &offset) else { throw NotARequest() }
        var storage = sockaddr_storage()
        storage.ss_family = sa_family_t(AF_INET)
        guard let address = SocketAddress(storage) else { throw NotARequest() }
        return Request(head: head, body: RequestBody(body.map(stream)), remoteAddress: address)
    }

    private static func stream(_ body: [UInt8]) -> BodyStream {
        let stream = BodyStream(isPaused: false) { _ in }
        if !body.isEmpty { _ = stream.append(body) }
        stream.finish()
        return stream
    }

    private struct NotARequest: Error {}
}
#endif
