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

    @Test("tells names apart by each of their characters")
    func similarNames() throws {
        let head = try head("GET / HTTP/1.1\r\nHost: x\r\nX-A^b: 1\r\nX-A~B: 2\r\nX-AB-: 3\r\nX_AB-: 4\r\n\r\n")
        #expect(["x-a^b", "x-a~b", "x-ab-", "x_ab-"].map { head.value(of: $0) } == ["1", "2", "3", "4"])
    }

    @Test("knows each of its fields, however many there are", arguments: [1, 11, 12, 13, 99])
    func many(count: Int) throws {
        let lines = (0..<count).map { "N\($0): v\($0)\r\n" }.joined()
        let head = try head("GET / HTTP/1.0\r\n\(lines)\r\n")
        for index in 0..<count { #expect(head.value(of: "n\(index)") == "v\(index)") }
        #expect(head.value(of: "n\(count)") == nil)
        #expect(head.makeHeaders().map(\.value) == (0..<count).map { "v\($0)" })
        #expect(head.values(of: "n\(count - 1)") == ["v\(count - 1)"])
    }

    @Test("takes the host from an absolute target, else from its field, without the blanks around it")
    func authority() throws {
        #expect(try head("GET http://a.b:1/c HTTP/1.1\r\nHost: x\r\n\r\n").authority == "a.b:1")
        #expect(try head("\r\nGET /c HTTP/1.1\r\nA: b\r\nHost:  [::1]:80\t\r\n\r\n").authority == "[::1]:80")
        #expect(try head("GET /c HTTP/1.1\r\nHost:\r\n\r\n").authority == "")
        #expect(try head("GET /c HTTP/1.0\r\n\r\n").authority == "")
    }

    @Test("makes substitutes for what is no UTF-8")
    func brokenText() throws {
        let text = Array("GET / HTTP/1.0\r\nA: b".utf8) + [0xFF, 0xC3, 0xA9, 0xE2, 0x82] + Array("c\r\n\r\n".utf8)
        var parser = RequestParser()
        var offset = 0
        guard case .head(let head) = try parser.next(text.span, at: &offset) else { throw RequestRefusal.requestLine }
        #expect(head.value(of: "a") == "b\u{FFFD}\u{E9}\u{FFFD}c")
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
