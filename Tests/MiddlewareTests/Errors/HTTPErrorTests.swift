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

    @Test func `a type of its own takes the place of that of text`() {
        let headers: ResponseFields = [.contentType: "application/json", .vary: "accept"]
        let response = HTTPError(.conflict, "{}", headers: headers).makeResponse()
        #expect(response.headers[values: .contentType] == ["application/json"])
        #expect(response.headers[.vary] == "accept")
    }

    @Test func `a field with a line break is passed on as a wrong one, which the server refuses`() {
        let headers: ResponseFields = [.location: "/a\r\nset-cookie: b=c\n\n<p>"]
        let response = HTTPError(.seeOther, headers: headers).makeResponse()
        #expect(response.headers.filter { $0.name == .location } == Array(headers))
        #expect(response.headers[.location] != "/a  set-cookie: b=c  <p>")
    }
}
