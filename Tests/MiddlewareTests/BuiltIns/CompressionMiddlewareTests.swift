import Baton
import ContextPool
import EventServer
import Foundation
import HTTPTypes
import Middleware
import Synchronization
import TestSupport
import Testing

@Suite struct CompressionMiddlewareTests {
    private static let page = String(repeating: "<p>a line of the page</p>\n", count: 200)

    private let exchange: TestExchange

    init() throws { exchange = try TestExchange() }

    private func get(
        _ fields: [String],
        _ yaml: String = "{}",
        method: String = "GET",
        _ handler: @escaping Handler = { _, _ in .html(Self.page) }
    ) async throws -> Response {
        let compression = try CompressionMiddleware(options: options(yaml))
        return await exchange.respond(
            to: try .test("/page", method: method, fields: fields),
            through: [compression],
            handler
        )
    }

    /// The body as a client gets it.
    private func sent(_ response: Response) async throws -> [UInt8] {
        guard let produce = response.body.producer else { return response.body.bytes ?? [] }
        let pieces = Pieces()
        try await produce(pieces.writer)
        return pieces.all.flatMap(\.self)
    }

    @Test(arguments: [
        ("gzip", "gzip"), ("gzip, deflate, br, zstd", "zstd"), ("gzip, br", "br"), ("*", "zstd"), ("x-gzip", "gzip"),
        ("zstd;q=0.5, br;q=0.9, gzip;q=0.1", "br"), ("*;q=0.5, zstd;q=0", "br"), ("identity, gzip", "gzip"),
    ])
    func `the coding is one that the client likes best`(_ accepted: String, _ coding: String) async throws {
        let response = try await get(["Accept-Encoding: \(accepted)"])
        #expect(response.header("content-encoding") == coding)
        #expect(response.header("vary") == "Accept-Encoding")
        #expect(response.body.length.map { $0 < 300 } == true)
        let result = try #require(decoded(try await sent(response), coding))
        #expect(String(decoding: result.bytes, as: UTF8.self) == Self.page)
        #expect(result.isComplete)
    }

    @Test(arguments: [
        [], [""], ["deflate"], ["identity"], ["gzip;q=0"], ["gzip;q=0.5, identity"], ["*;q=0"], ["gzip;q=2"],
        ["gzip;q=x"],
        [";;;,,,"],
    ])
    func `without a coding that the client wants it stays as it is`(_ accepted: [String]) async throws {
        let response = try await get(accepted.map { "Accept-Encoding: \($0)" })
        #expect(response.header("content-encoding") == nil)
        #expect(response.header("vary") == "Accept-Encoding")
        #expect(response.text == Self.page)
    }

    @Test func `the options say which of several equals is taken`() async throws {
        let response = try await get(["Accept-Encoding: gzip, br, zstd"], "{codings: [gzip, br]}")
        #expect(response.header("content-encoding") == "gzip")
    }

    @Test(arguments: [
        Response(status: .ok, headers: [.contentType: "image/png"], body: Array(Self.page.utf8)),
        Response(status: .ok, body: Array(Self.page.utf8)),
        Response(
            status: .ok,
            headers: [.contentType: "text/css", .contentEncoding: "br"],
            body: Array(Self.page.utf8)
        ),
        Response(status: .partialContent, headers: [.contentType: "text/css"], body: Array(Self.page.utf8)),
        Response(
            status: .ok,
            headers: [.contentType: "text/css", .contentRange: "bytes 0-9/20"],
            body: Array(Self.page.utf8)
        ),
        Response(
            status: .ok,
            headers: [.contentType: "text/css", .cacheControl: "a, No-Transform"],
            body: Array(Self.page.utf8)
        ),
        Response(status: .noContent, headers: [.contentType: "text/css"]), .text("too small to gain"),
    ])
    func `what would not gain, or must arrive as it is, stays as it is`(_ made: Response) async throws {
        let response = try await get(["Accept-Encoding: gzip"]) { _, _ in made }
        #expect(response.header("content-encoding") == made.header("content-encoding"))
        #expect(response.header("vary") == nil)
        #expect(response.body.bytes == made.body.bytes)
    }

    @Test func `types and sizes can be set, and paths left out`() async throws {
        let tar = Response(status: .ok, headers: [.contentType: "Application/X-Tar; a=b"], body: Array(Self.page.utf8))
        let packed = try await get(["Accept-Encoding: gzip"], "{types: [application/x-tar]}") { _, _ in tar }
        #expect(packed.header("content-encoding") == "gzip")
        #expect(try await get(["Accept-Encoding: gzip"], "{minimumSize: 1MiB}").header("content-encoding") == nil)
        #expect(try await get(["Accept-Encoding: gzip"], "{exclude: [/p*]}").header("vary") == nil)
    }

    @Test func `an error is encoded, too`() async throws {
        let response = try await get(["Accept-Encoding: gzip"]) { _, _ in throw HTTPError(.notFound, Self.page) }
        #expect(response.status == .notFound)
        #expect(response.header("content-encoding") == "gzip")
    }

    @Test func `the answer to HEAD has the fields of that to GET`() async throws {
        let get = try await get(["Accept-Encoding: br"])
        let head = try await self.get(["Accept-Encoding: br"], method: "HEAD")
        #expect(head.headers == get.headers)
        #expect(head.body.length == get.body.length)
    }

    @Test func `a tag becomes a weak one, and ranges and lengths go`() async throws {
        let response = try await get(["Accept-Encoding: gzip"]) { _, _ in
            var response = Response.html(Self.page)
            response.headers[.eTag] = "\"a\""
            response.headers[.acceptRanges] = "bytes"
            response.headers[.contentLength] = "\(Self.page.utf8.count)"
            return response
        }
        #expect(response.header("etag") == "W/\"a\"")
        #expect(response.header("accept-ranges") == nil)
        #expect(response.header("content-length") == nil)
    }

    @Test(arguments: [(#"W/"a""#, #"W/"a""#), (#""a""#, #""a""#), (#""b", W/"a""#, #"W/"a""#)])
    func `304 has the tag that the client has`(_ known: String, _ tag: String) async throws {
        let response = try await get(["Accept-Encoding: gzip", "If-None-Match: \(known)"]) { request, _ in
            Response.html(Self.page).conditional(on: request, etag: EntityTag("a"))
        }
        #expect(response.status == .notModified)
        #expect(response.header("etag") == tag)
        #expect(response.header("vary") == "Accept-Encoding")
        #expect(response.header("content-encoding") == nil)
    }

    @Test(arguments: [("Origin", "Origin, Accept-Encoding"), ("accept-encoding", "accept-encoding"), ("*", "*")])
    func `Vary says it once`(_ vary: String, _ expected: String) async throws {
        let response = try await get(["Accept-Encoding: gzip"]) { _, _ in
            var response = Response.html(Self.page)
            response.headers[.vary] = vary
            return response
        }
        #expect(response.header("vary") == expected)
    }

    @Test(arguments: [
        (["Cookie: a=b"], "", true), (["Cookie: a=b", "Sec-Fetch-Site: cross-site"], "", true),
        (["Cookie: a=b", "Sec-Fetch-Site: same-site"], "", true), (["Authorization: Basic YTpi"], "", true),
        (["Cookie: a=b", "Sec-Fetch-Site: same-origin"], "", false),
        (["Cookie: a=b", "Sec-Fetch-Site: none"], "", false),
        (["Authorization: Bearer abc"], "", false), (["Sec-Fetch-Site: cross-site"], "", false),
        (["Cookie: a=b"], "max-age=60, Public", false),
    ])
    func `what a page of another site could measure stays as it is`(_ fields: [String], _ cache: String, _ stays: Bool)
        async throws
    {
        let handler: Handler = { _, _ in
            var response = Response.html(Self.page)
            if !cache.isEmpty { response.headers[.cacheControl] = cache }
            return response
        }
        let response = try await get(["Accept-Encoding: gzip"] + fields, "{}", handler)
        #expect(response.header("content-encoding") == (stays ? nil : "gzip"))
        #expect(response.header("vary") == "Accept-Encoding")
        let anyway = try await get(["Accept-Encoding: gzip"] + fields, "{protectSecrets: false}", handler)
        #expect(anyway.header("content-encoding") == "gzip")
    }

    @Test(arguments: ["gzip", "br", "zstd"])
    func `each piece of a stream can be read when it was written`(_ coding: String) async throws {
        let response = try await get(["Accept-Encoding: \(coding)"]) { _, _ in
            let body = ResponseBody.stream(length: 1_000_000) { writer in
                try await writer.write("first\n")
                try await writer.write(String(repeating: "large ", count: 50_000))
                writer.finish(trailers: [.contentLanguage: "en"])
            }
            return Response(status: .ok, headers: [.contentType: "text/event-stream"], body: body)
        }
        #expect(response.body.length == nil)
        let pieces = Pieces()
        try await response.body.producer?(pieces.writer)
        #expect(decoded(pieces.all.first ?? [], coding).map { String(decoding: $0.bytes, as: UTF8.self) } == "first\n")
        let all = try #require(decoded(pieces.all.flatMap(\.self), coding))
        #expect(all.bytes.count == 6 + 300_000)
        #expect(all.isComplete)
        #expect(pieces.writer.end()[.contentLanguage] == "en")
    }

    @Test func `what several tasks write stays whole and in order`() async throws {
        let response = try await get(["Accept-Encoding: gzip"]) { _, _ in
            let body = ResponseBody.stream { writer in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            try await writer.write(String(repeating: "\(number % 10)", count: number * 2_000) + "\n")
                        }
                    }
                    try await group.waitForAll()
                }
            }
            return Response(status: .ok, headers: [.contentType: "text/plain"], body: body)
        }
        let text = try #require(decoded(try await sent(response), "gzip"))
        let lines = String(decoding: text.bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.dropLast().map(\.count).sorted() == (0..<20).map { $0 * 2_000 })
        #expect(lines.allSatisfy { Set($0).count <= 1 })
    }

    @Test(arguments: ["gzip", "br", "zstd"])
    func `large bodies and files become streams`(_ coding: String) async throws {
        let folder = try TemporaryFolder()
        let text = (0..<80_000).map { "line \($0)\n" }.joined()
        try Data(text.utf8).write(to: URL(filePath: folder.path + "/a.txt"))
        let file = try await get(["Accept-Encoding: \(coding)"]) { request, _ in
            try .file(folder.path + "/a.txt", for: request)
        }
        let memory = try await get(["Accept-Encoding: \(coding)"]) { _, _ in .text(text) }
        for response in [file, memory] {
            #expect(response.body.isStream)
            let result = try #require(decoded(try await sent(response), coding))
            #expect(String(decoding: result.bytes, as: UTF8.self) == text)
        }
    }

    @Test func `a full pool breaks no response off`() async throws {
        let response = try await get(["Accept-Encoding: gzip"]) { _, _ in .text(String(repeating: "a", count: 1 << 20))
        }
        _ = await exchange.app.pool.shutDown(.finishPending, within: .seconds(5))
        #expect(decoded(try await sent(response), "gzip")?.bytes.count == 1 << 20)
    }

    @Test func `an error of a producer stays that error`() async throws {
        struct Mistake: Error {}
        let response = try await get(["Accept-Encoding: gzip"]) { _, _ in
            Response(status: .ok, headers: [.contentType: "text/plain"], body: .stream { _ in throw Mistake() })
        }
        await #expect(throws: Mistake.self) { try await sent(response) }
    }

    @Test(arguments: [
        ("{codings: []}", "codings"), ("{types: [text]}", "types"), ("{types: [\"text/*\"]}", "types"),
        ("{exclude: [page]}", "exclude.0"),
    ])
    func `options without sense are refused`(_ yaml: String, _ key: String) throws {
        let mistakes = try CompressionMiddleware.validate(options(yaml))
        #expect(mistakes.map(\.key) == [key])
    }

    @Test func `an unknown coding is refused`() {
        #expect(throws: (any Error).self) {
            try options("{codings: [deflate]}", as: CompressionMiddleware.Options.self)
        }
    }

    @Test func `over a socket it arrives, and the connection goes on`() async throws {
        let yaml = "chain: [compression]"
        try await TestApplication.run(yaml: yaml) { app in
            app.router.get("/page") { _, _ in .html(Self.page) }
            app.router.get("/stream") { _, _ in
                Response(
                    status: .ok,
                    headers: [.contentType: "text/plain"],
                    body: .stream(length: Self.page.utf8.count) { try await $0.write(Self.page) }
                )
            }
        } _: { app in
            let answer = try await onThread {
                let connection = try RawConnection(port: app.port)
                let fields = "Host: test\r\nAccept-Encoding: gzip\r\n"
                try connection.send("HEAD /stream HTTP/1.1\r\n\(fields)\r\nGET /stream HTTP/1.1\r\n\(fields)\r\n")
                try connection.send("GET /page HTTP/1.1\r\n\(fields)Connection: close\r\n\r\n")
                return try connection.receiveToEnd()
            }
            #expect(answer.components(separatedBy: "HTTP/1.1 200 OK").count == 4)
            #expect(answer.components(separatedBy: "Content-Encoding: gzip").count == 4, "\(answer.prefix(300))")
            #expect(answer.components(separatedBy: "\r\n0\r\n\r\n").count == 2)
        }
    }

    @Test func `whatever Accept-Encoding says, nobody gets what he cannot read`() async throws {
        var random = SeededGenerator(seed: 9)
        let names = ["gzip", "x-gzip", "br", "zstd", "*", "identity", "deflate", "GZIP", "g zip", "", "\u{301}"]
        let weights = [
            ";q=0", ";q=0.0", "; Q=0.000", ";q=1", ";q=0.5", ";q=0.001", "", "", ";q=2", ";q=", ";q =0", ";x=1",
        ]
        for _ in 0..<1500 {
            let members = (0..<Int.random(in: 1..<6, using: &random))
                .map { _ in
                    (names.randomElement(using: &random) ?? "", weights.randomElement(using: &random) ?? "")
                }
            let field = members.map { $0 + $1 }.joined(separator: ",")
            let response = try await get(["Accept-Encoding: \(field)"])
            #expect(response.header("vary") == "Accept-Encoding")
            guard let coding = response.header("content-encoding") else { continue }
            let own = [coding, coding == "gzip" ? "x-gzip" : coding].lazy
                .compactMap { name in members.first { $0.0.lowercased() == name && Self.isRight($0.1) } }.first
            let star = members.first { $0.0 == "*" && Self.isRight($0.1) }
            let chosen = own ?? star
            #expect(chosen != nil, "\(field): \(coding)")
            #expect(
                chosen.map { !$0.1.lowercased().contains("q=0") || $0.1.contains("5") || $0.1.contains("1") } == true,
                "\(field): \(coding)"
            )
        }
    }

    private static func isRight(_ weight: String) -> Bool { ![";q=2", ";q=", ";q =0"].contains(weight) }
}

/// What was written, piece by piece.
private final class Pieces: Sendable {
    private final class Box: Sendable { let pieces = Mutex<[[UInt8]]>([]) }

    private let box: Box
    let writer: ResponseWriter

    var all: [[UInt8]] { box.pieces.withLock { $0 } }

    init() {
        let box = Box()
        self.box = box
        writer = ResponseWriter { bytes throws(ResponseWriterError) in box.pieces.withLock { $0.append(bytes) } }
    }
}
