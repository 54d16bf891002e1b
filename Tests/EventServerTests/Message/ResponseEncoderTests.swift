import HTTPTypes
import Testing

@testable import EventServer

@Suite("The response encoder")
struct ResponseEncoderTests {
    private func encode(
        _ response: Response,
        isHead: Bool = false,
        closes: Bool = false,
        announces: Bool = false
    ) -> (text: String, bodySize: Int) {
        var output = Array("before|".utf8)
        let size = ResponseEncoder(date: "now")
            .encode(
                response,
                framing: .init(isHead: isHead, closesConnection: closes, announcesKeepAlive: announces),
                into: &output
            )
        return (String(decoding: output, as: UTF8.self), size)
    }

    @Test("appends a message with its date and length")
    func plain() {
        let (text, size) = encode(Response(status: .ok, headers: [.contentType: "a/b"], body: Array("hello".utf8)))
        #expect(text == "before|HTTP/1.1 200 OK\r\ndate: now\r\nContent-Type: a/b\r\ncontent-length: 5\r\n\r\nhello")
        #expect(size == 5)
    }

    @Test("sends the length but not the body in answer to HEAD")
    func head() {
        let (text, size) = encode(Response(status: .ok, body: Array("hello".utf8)), isHead: true)
        #expect(text.hasSuffix("content-length: 5\r\n\r\n"))
        #expect(size == 0)
    }

    @Test("sends neither body nor length with a status that has none", arguments: [204, 304])
    func withoutBody(code: Int) {
        let (text, size) = encode(Response(status: .init(code: code), body: [1, 2]))
        #expect(!text.contains("content-length"))
        #expect(text.hasSuffix("\r\n\r\n"))
        #expect(size == 0)
    }

    @Test("says zero for an empty body")
    func emptyBody() { #expect(encode(Response(status: .notFound)).text.contains("content-length: 0\r\n")) }

    @Test("leaves out what a handler wrote about framing")
    func reserved() {
        let headers: HTTPFields = [
            .contentLength: "99", .transferEncoding: "chunked", .connection: "upgrade", .date: "never", .server: "kept",
        ]
        let (text, _) = encode(Response(status: .ok, headers: headers, body: [65]))
        #expect(text == "before|HTTP/1.1 200 OK\r\ndate: now\r\nServer: kept\r\ncontent-length: 1\r\n\r\nA")
    }

    @Test("says that the connection closes, or that an old client may keep it")
    func connection() {
        #expect(encode(.text(""), closes: true, announces: true).text.contains("\r\nconnection: close\r\n"))
        #expect(encode(.text(""), announces: true).text.contains("\r\nconnection: keep-alive\r\n"))
        #expect(!encode(.text("")).text.contains("connection:"))
    }

    @Test("lets no line break of a handler into the message")
    func injection() {
        let headers: HTTPFields = [.server: "a\r\nevil: b\n\0c"]
        let (text, _) = encode(Response(status: .init(code: 200, reasonPhrase: "a\r\nevil: b"), headers: headers))
        #expect(!text.contains("\nevil"))
    }

    @Test("sends 500 where a handler's status is no final one", arguments: [0, 99, 100, 101, 103, 199])
    func notFinal(code: Int) {
        let (text, size) = encode(Response(status: .init(code: code), body: [65]))
        #expect(text.hasPrefix("before|HTTP/1.1 500 Internal Server Error\r\n"))
        #expect(text.hasSuffix("content-length: 1\r\n\r\nA"))
        #expect(size == 1)
    }
}
