import EventServer
import HTTPTypes
import Middleware
import Testing

@Suite struct HTTPErrorTests {
    @Test func `an error becomes its status, its message and its fields`() {
        let response = HTTPError(.conflict, "Taken.", headers: [.retryAfter: "5"]).makeResponse()
        #expect(response.status == .conflict)
        #expect(String(decoding: response.body.bytes ?? [], as: UTF8.self) == "409 Conflict: Taken.\n")
        #expect(response.headers[.retryAfter] == "5")
        #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
    }

    @Test func `without a message it tells the name of the status`() {
        #expect(HTTPError(.notFound).description == "404 Not Found")
    }

    @Test func `line breaks in a field's value cannot begin another field`() {
        let response = HTTPError(.seeOther, headers: [.location: "/a\r\nset-cookie: b=c\n\n<p>"]).makeResponse()
        let value = response.headers[.location] ?? ""
        #expect(!value.utf8.contains(13) && !value.utf8.contains(10))
    }
}
