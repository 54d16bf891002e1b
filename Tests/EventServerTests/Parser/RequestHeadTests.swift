import HTTPTypes
import Testing

@testable import EventServer

@Suite("A request head")
struct RequestHeadTests {
    private func head(_ text: String) throws -> RequestHead {
        var parser = RequestParser()
        var offset = 0
        let bytes = Array(text.utf8)
        guard case .head(let head) = try parser.next(bytes.span, at: &offset) else {
            throw RequestRefusal.requestLine
        }
        return head
    }

    @Test("finds the first of several fields, whatever the case of its name")
    func value() throws {
        let head = try head("GET / HTTP/1.1\r\nHost: x\r\nACCEPT: a\r\nAccept: b\r\n\r\n")
        #expect(head.value(of: "accept") == "a")
        #expect(head.value(of: "host") == "x")
        #expect(head.value(of: "accep") == nil)
        #expect(head.value(of: "accept-") == nil)
    }

    @Test("makes a collection with all fields in order")
    func headers() throws {
        let head = try head("GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nB:\r\na:  2 \r\n\r\n")
        let headers = head.makeHeaders()
        #expect(headers.map { "\($0.name.rawName)=\($0.value)" } == ["Host=x", "A=1", "B=", "a=2"])
    }

    @Test("keeps its fields where requests stand before it in the same bytes")
    func secondRequest() throws {
        var parser = RequestParser()
        var offset = 0
        let bytes = Array("GET /1 HTTP/1.1\r\nHost: one\r\n\r\nGET /2 HTTP/1.1\r\nHost: two\r\nA: b\r\n\r\n".utf8)
        var heads: [RequestHead] = []
        while let event = try parser.next(bytes.span, at: &offset) {
            if case .head(let head) = event { heads.append(head) }
        }
        #expect(heads.map { $0.value(of: "host") } == ["one", "two"])
        #expect(heads.map { $0.value(of: "a") } == [nil, "b"])
    }

    @Test("without fields has none")
    func noFields() throws {
        #expect(try head("GET / HTTP/1.0\r\n\r\n").makeHeaders().isEmpty)
    }

    @Test(
        "tells how its body ends",
        arguments: [
            ("", RequestHead.Framing.none), ("Content-Length: 0\r\n", .length(0)),
            ("Content-Length: 7\r\n", .length(7)),
            ("Transfer-Encoding: chunked\r\n", .chunked),
        ]
    )
    func framing(field: String, framing: RequestHead.Framing) throws {
        #expect(try head("POST / HTTP/1.1\r\nHost: x\r\n\(field)\r\n").framing == framing)
    }
}
