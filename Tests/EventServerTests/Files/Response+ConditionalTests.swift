import HTTPTypes
import TestSupport
import Testing

@testable import EventServer

@Suite("A conditional response")
struct ResponseConditionalTests {
    private func answer(
        _ fields: [String],
        method: String = "GET",
        _ response: Response = .text("0123456789"),
        tag: EntityTag? = EntityTag("a"),
        lastModified: Int? = nil
    ) throws -> Response {
        let request = try Request.test(method: method, fields: fields)
        return response.conditional(on: request, etag: tag, lastModified: lastModified)
    }

    @Test("without conditions is whole, with its validators")
    func whole() throws {
        let response = try answer([], lastModified: 784_111_777)
        #expect(response.status == .ok)
        #expect(response.body.bytes == Array("0123456789".utf8))
        #expect(response.headers[.eTag] == "\"a\"")
        #expect(response.headers[.lastModified] == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(response.headers[.acceptRanges] == "bytes")
    }

    @Test("says 304 to a client that has it, and keeps what a cache wants")
    func notModified() throws {
        var made = Response.text("0123456789")
        made.headers[.cacheControl] = "max-age=60"
        made.headers[.vary] = "accept"
        made.headers[.contentEncoding] = "gzip"
        let response = try answer(["If-None-Match: \"a\"", "Range: bytes=0-1"], made, lastModified: 784_111_777)
        #expect(response.status == .notModified)
        #expect(response.body.length == 0)
        #expect(response.headers == [.cacheControl: "max-age=60", .vary: "accept", .eTag: "\"a\""])
        let dated = try answer(
            ["If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"],
            tag: nil,
            lastModified: 784_111_777
        )
        #expect(dated.status == .notModified)
        #expect(dated.headers == [.lastModified: "Sun, 06 Nov 1994 08:49:37 GMT"])
    }

    @Test("says 412 where the client wants another one, and lets no cache keep that")
    func failed() throws {
        var made = Response.text("0123456789")
        made.headers[.cacheControl] = "max-age=60"
        let response = try answer(["If-Match: \"b\""], made)
        #expect(response.status == .preconditionFailed)
        #expect(response.body.length == 0)
        #expect(response.headers == [:])
    }

    @Test("has one range as it is")
    func single() throws {
        let response = try answer(["Range: bytes=2-4"])
        #expect(response.status == .partialContent)
        #expect(response.body.bytes == Array("234".utf8))
        #expect(response.headers[.contentRange] == "bytes 2-4/10")
        #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
        #expect(response.headers[.eTag] == "\"a\"")
        #expect(try answer(["Range: bytes=-3"]).headers[.contentRange] == "bytes 7-9/10")
    }

    @Test("does not carry a wrong type into the parts of its body")
    func wrongType() throws {
        let type = "text/plain\r\n\r\nx"
        let made = Response(status: .ok, headers: [.contentType: type], body: [UInt8](repeating: 48, count: 1000))
        let response = try answer(["Range: bytes=0-0,900-900"], made)
        #expect(response.status == .ok)
        #expect(response.headers.contains { $0.name == .contentType && !ResponseFields.isRight($0.value) })
    }

    @Test("says 416 and the length where there is nothing")
    func unsatisfiable() throws {
        let response = try answer(["Range: bytes=10-"])
        #expect(response.status == .rangeNotSatisfiable)
        #expect(response.body.length == 0)
        #expect(response.headers == [.contentRange: "bytes */10"])
    }

    @Test(
        "is whole where the range is of another version",
        arguments: ["\"b\"", "W/\"a\"", "Sun, 06 Nov 1994 08:49:37 GMT"]
    )
    func otherVersion(value: String) throws {
        #expect(try answer(["Range: bytes=0-0", "If-Range: \(value)"]).status == .ok)
    }

    @Test("of HEAD has the fields of the whole")
    func head() throws {
        let response = try answer(["Range: bytes=0-0"], method: "HEAD")
        #expect(response.status == .ok)
        #expect(response.body.length == 10)
        #expect(response.headers == (try answer([])).headers)
    }

    @Test("is left alone where it is no answer to reading, or no success")
    func others() throws {
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            let response = try answer(["If-Match: \"b\"", "Range: bytes=0-0"], method: method)
            #expect(response.status == .ok)
            #expect(response.headers[.eTag] == nil)
        }
        let missing = try answer(["If-None-Match: \"a\""], .text("no", status: .notFound))
        #expect(missing.status == .notFound)
        #expect(missing.body.bytes == Array("no".utf8))
        #expect(missing.headers[.eTag] == nil)
    }

    @Test("has no date in the future")
    func future() throws {
        let response = try answer([], lastModified: .max)
        let date = try #require(response.headers[.lastModified])
        let seconds = try #require(HTTPDate.seconds(date, now: 0))
        #expect(seconds <= EventLoop.secondsSince1970)
        #expect(try answer([], lastModified: .min).headers[.lastModified] == "Thu, 01 Jan 1970 00:00:00 GMT")
    }

    @Test("tells once what became of it")
    func callback() async throws {
        try await confirmation { told in
            var made = Response.text("0123456789")
            made.whenSent { _ in told() }
            let response = try answer(["If-None-Match: \"a\""], made)
            response.giveUp(.clientLeft)
        }
    }
}
