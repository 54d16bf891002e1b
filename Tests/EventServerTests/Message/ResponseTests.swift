import HTTPTypes
import Synchronization
import Testing

@testable import EventServer

@Suite("A response")
struct ResponseTests {
    @Test("runs all its callbacks in order")
    func callbacks() {
        let seen = Mutex<[String]>([])
        var response = Response.text("x")
        response.whenSent { outcome in seen.withLock { $0.append("1:\(outcome.bodySize)") } }
        response.whenSent { outcome in seen.withLock { $0.append("2:\(outcome.isDelivered)") } }
        response.end(ResponseOutcome(status: .ok, bodySize: 1, ending: .delivered))
        #expect(seen.withLock { $0 } == ["1:1", "2:true"])
    }

    @Test("of text and HTML says so")
    func contentTypes() {
        #expect(Response.text("x").headers[.contentType] == "text/plain; charset=utf-8")
        #expect(Response.html("x", status: .notFound).headers[.contentType] == "text/html; charset=utf-8")
        #expect(Response.html("x", status: .notFound).status == .notFound)
    }
}
