import HTTPTypes
import Testing

@testable import EventServer

@Suite("The response encoder")
struct ResponseEncoderTests {
    private struct Encoded: Equatable {
        var text: String
        var head: ResponseEncoder.Head
    }

    private func encode(
        _ response: Response,
        isHead: Bool = false,
        closes: Bool = false,
        isOldVersion: Bool = false
    ) throws(ResponseFault) -> Encoded {
        var output = Array("before|".utf8)
        let framing = ResponseEncoder.Framing(isHead: isHead, closesConnection: closes, isOldVersion: isOldVersion)
        do throws(ResponseFault) {
            let head = try ResponseEncoder(date: "now").encode(response, framing: framing, into: &output)
            return Encoded(text: String(decoding: output, as: UTF8.self), head: head)
        } catch {
            #expect(output == Array("before|".utf8))
            throw error
        }
    }

    private static let stream = ResponseBody.stream { _ in }

    @Test("appends a message with its date and length")
    func plain() throws {
        let encoded = try encode(Response(status: .ok, headers: [.contentType: "a/b"], body: Array("hello".utf8)))
        #expect(
            encoded.text == "before|HTTP/1.1 200 OK\r\ndate: now\r\nContent-Type: a/b\r\ncontent-length: 5\r\n\r\nhello"
        )
        #expect(encoded.head == .init(coding: .length(5), closesConnection: false))
    }

    @Test("sends the length but not the body in answer to HEAD")
    func head() throws {
        let encoded = try encode(Response(status: .ok, body: Array("hello".utf8)), isHead: true)
        #expect(encoded.text.hasSuffix("content-length: 5\r\n\r\n"))
        #expect(encoded.head.coding == .none)
    }

    @Test("sends neither body nor length with a status that has none", arguments: [204, 304])
    func withoutBody(code: Int) throws {
        for body in [.bytes([1, 2]), Self.stream] {
            let encoded = try encode(Response(status: .init(code: code), body: body))
            #expect(!encoded.text.contains("content-length"))
            #expect(!encoded.text.contains("transfer-encoding"))
            #expect(encoded.text.hasSuffix("\r\n\r\n"))
            #expect(encoded.head.coding == .none)
        }
    }

    @Test("says zero for an empty body")
    func emptyBody() throws {
        #expect(try encode(Response(status: .notFound)).text.contains("content-length: 0\r\n"))
    }

    @Test("announces a stream without a length as chunked, and to an old client as all until the end")
    func streams() throws {
        let chunked = try encode(Response(status: .ok, body: Self.stream))
        #expect(chunked.text == "before|HTTP/1.1 200 OK\r\ndate: now\r\ntransfer-encoding: chunked\r\n\r\n")
        #expect(chunked.head == .init(coding: .chunked, closesConnection: false))
        let old = try encode(Response(status: .ok, body: Self.stream), isOldVersion: true)
        #expect(old.text == "before|HTTP/1.1 200 OK\r\ndate: now\r\nconnection: close\r\n\r\n")
        #expect(old.head == .init(coding: .untilClose, closesConnection: true))
        let measured = try encode(Response(status: .ok, body: .stream(length: 3) { _ in }))
        #expect(measured.text.hasSuffix("content-length: 3\r\n\r\n"))
        #expect(measured.head.coding == .length(3))
    }

    @Test("says that the connection closes, or that an old client may keep it")
    func connection() throws {
        #expect(try encode(.text(""), closes: true, isOldVersion: true).text.contains("\r\nconnection: close\r\n"))
        #expect(try encode(.text(""), isOldVersion: true).text.contains("\r\nconnection: keep-alive\r\n"))
        #expect(try !encode(.text("")).text.contains("connection:"))
        let wished = try encode(Response(status: .ok, headers: [.connection: "close"]))
        #expect(wished.text.contains("\r\nconnection: close\r\n"))
        #expect(wished.head.closesConnection)
    }

    @Test("sends the space behind the status even where there is no reason phrase")
    func emptyReason() throws {
        for status in [HTTPResponse.Status(code: 299), .init(code: 200, reasonPhrase: "")] {
            let text = try encode(Response(status: status)).text
            #expect(text.hasPrefix("before|HTTP/1.1 \(status.code) \r\n"))
        }
    }

    @Test("lets no line break of a reason phrase into the message")
    func reasonPhrase() throws {
        let response = Response(status: .init(code: 200, reasonPhrase: "a\r\nevil: b"))
        #expect(try !encode(response).text.contains("\nevil"))
    }

    @Test(
        "refuses a value with a control character",
        arguments: [0x00, 0x01, 0x0A, 0x0B, 0x0D, 0x1B, 0x7F] as [UInt8]
    )
    func control(byte: UInt8) {
        let value = String(decoding: [0x61, byte, 0x62], as: UTF8.self)
        #expect(throws: ResponseFault.value("Server")) {
            try encode(Response(status: .ok, headers: [.contentType: "a/b", .server: value]))
        }
    }

    @Test("takes a length that is true, or that of what is not sent")
    func trueLength() throws {
        let said: ResponseFields = [.contentLength: "2"]
        let same = try encode(Response(status: .ok, headers: said, body: [65, 66]))
        #expect(same.text.hasSuffix("\r\ncontent-length: 2\r\n\r\nAB"))
        #expect(same.text.split(separator: "ontent-").count == 2)
        #expect(try encode(Response(status: .ok, headers: said), isHead: true).text.contains("content-length: 2\r\n"))
        #expect(try encode(Response(status: .notModified, headers: said)).text.contains("content-length: 2\r\n"))
    }

    @Test(
        "refuses a length that lies",
        arguments: ["1", "3", "", "-2", "+2", "2 ", "0x2", "2, 2", "99999999999999999999"]
    )
    func lies(length: String) {
        let response = Response(status: .ok, headers: [.contentLength: length], body: [65, 66])
        // HTTPField cuts blanks off.
        guard response.headers[.contentLength] != "2" else { return }
        let claim = response.headers[.contentLength] ?? ""
        #expect(throws: ResponseFault.length(claim, body: 2)) { try encode(response) }
        #expect(throws: ResponseFault.length(claim, body: nil)) {
            try encode(Response(status: .ok, headers: response.headers, body: Self.stream))
        }
    }

    @Test("refuses two lengths, and fields that frame the message")
    func framingFields() {
        var two = Response(status: .ok)
        two.headers.append(HTTPField(name: .contentLength, value: "0"))
        two.headers.append(HTTPField(name: .contentLength, value: "00"))
        #expect(throws: ResponseFault.length("00", body: 0)) { try encode(two) }
        #expect(throws: ResponseFault.transferEncoding) {
            try encode(Response(status: .ok, headers: [.transferEncoding: "chunked"]))
        }
        #expect(throws: ResponseFault.connection("upgrade")) {
            try encode(Response(status: .ok, headers: [.connection: "upgrade"]))
        }
    }

    @Test("refuses content with 205, which has none, and says that its length is zero")
    func resetContent() throws {
        #expect(throws: ResponseFault.resetWithContent) { try encode(Response(status: .resetContent, body: [65])) }
        #expect(throws: ResponseFault.resetWithContent) {
            try encode(Response(status: .resetContent, body: Self.stream))
        }
        #expect(try encode(Response(status: .resetContent)).text.contains("\r\ncontent-length: 0\r\n"))
    }

    @Test("refuses a status that is no final one", arguments: [0, 99, 100, 101, 103, 199])
    func notFinal(code: Int) {
        #expect(throws: ResponseFault.status(code)) { try encode(Response(status: .init(code: code), body: [65])) }
    }
}
