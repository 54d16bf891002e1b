import EventServer
import Foundation
import HTTPTypes
import Middleware
import TestSupport
import Testing

@Suite struct StaticFilesMiddlewareTests {
    private let exchange: TestExchange
    private let outside: TemporaryFolder
    private let root: String

    init() throws {
        exchange = try TestExchange()
        outside = try TemporaryFolder()
        root = outside.path + "/public"
        for folder in ["", "/docs", "/.git", "/.well-known", "/empty", "/a b"] {
            try FileManager.default.createDirectory(atPath: root + folder, withIntermediateDirectories: true)
        }
        for (name, content) in [
            ("../secret.txt", "secret"), ("index.html", "home"), ("style.css", "plain"), ("style.css.br", "brotli"),
            ("style.css.gz", "gzip"), ("docs/index.html", "docs"), (".env", "password"), (".git/config", "password"),
            (".well-known/security.txt", "contact"), ("a b/ü.txt", "umlaut"), ("docs/\u{301}x", "accent"),
            ("docs\\\u{301}x", "accent"), (".\u{301}x", "accent"),
        ] {
            try Data(content.utf8).write(to: URL(filePath: "\(root)/\(name)"))
        }
        try FileManager.default.createSymbolicLink(atPath: root + "/out.txt", withDestinationPath: "../secret.txt")
        try FileManager.default.createSymbolicLink(atPath: root + "/root", withDestinationPath: "/")
        try FileManager.default.createSymbolicLink(
            atPath: root + "/docs/home.html",
            withDestinationPath: "../index.html"
        )
    }

    private func get(
        _ target: String,
        _ more: String = "",
        method: String = "GET",
        fields: [String] = []
    ) async throws -> Response {
        var files = try StaticFilesMiddleware(options: options("{\"root\": \"\(root)\"\(more)}"))
        try await files.start(in: exchange.setup)
        return await exchange.send(try .test(target, method: method, fields: fields), through: [files])
    }

    @Test(arguments: [
        ("/style.css", 5), ("/", 4), ("/docs/", 4), ("/docs/home.html", 4), ("/a%20b/%C3%BC.txt", 6),
        ("/.well-known/security.txt", 7),
    ])
    func `a file is sent`(_ target: String, _ size: Int) async throws {
        let response = try await get(target, ", \"precompressed\": false")
        #expect(response.body.length == size)
        #expect(response.header("etag") != nil)
    }

    @Test(arguments: [
        "/../secret.txt", "/%2e%2e/secret.txt", "/docs/../../secret.txt", "/..%2fsecret.txt",
        "/docs/..%5c..%5csecret.txt",
        "/out.txt", "/root/etc/passwd", "/.env", "/.git/config", "/docs/./index.html", "//style.css",
        "/docs//index.html",
        "/style.css%00.html", "/style.css/", "/%ff", "/none", "/empty/", "/docs/%2e%2e/style.css",
        "/docs%2F%CC%81x", "/docs%5C%CC%81x", "/.%CC%81x", "/docs%2Findex.html",
    ])
    func `what is no file in the folder, in its one spelling, goes on`(_ target: String) async throws {
        #expect(try await get(target).text == "ok")
    }

    @Test func `other methods go on`() async throws {
        #expect(try await get("/style.css", method: "POST").text == "ok")
        #expect(try await get("/style.css", method: "HEAD").header("content-type") == "text/css; charset=utf-8")
    }

    @Test func `a folder without its slash is sent there`() async throws {
        let response = try await get("/docs?a=b")
        #expect(response.status == .permanentRedirect)
        #expect(response.header("location") == "/docs/?a=b")
    }

    @Test(arguments: [
        ("gzip, br", "br", 6), ("gzip", "gzip", 4), ("*", "br", 6), ("br;q=0, gzip;q=0.1", "gzip", 4),
        ("identity", nil, 5),
        ("br;q=0", nil, 5),
    ])
    func `a compressed sibling is sent to who can read it`(_ accepts: String, _ coding: String?, _ size: Int)
        async throws
    {
        let response = try await get("/style.css", fields: ["Accept-Encoding: \(accepts)"])
        #expect(response.header("content-encoding") == coding)
        #expect(response.body.length == size)
        #expect(response.header("content-type") == "text/css; charset=utf-8")
        #expect(response.header("vary") == "Accept-Encoding")
    }

    @Test(arguments: [("Range: bytes=100-", 416), ("If-Match: \"other\"", 412), ("If-None-Match: *", 304)])
    func `where no content is sent, none is said to be encoded`(_ field: String, _ status: Int) async throws {
        let response = try await get("/style.css", fields: ["Accept-Encoding: br", field])
        #expect(response.status.code == status)
        #expect(response.header("content-encoding") == nil)
        let part = try await get("/style.css", fields: ["Accept-Encoding: br", "Range: bytes=1-2"])
        #expect(part.status == .partialContent)
        #expect(part.header("content-encoding") == "br")
    }

    @Test func `each coding is another version`() async throws {
        let plain = try await get("/style.css").header("etag")
        let packed = try await get("/style.css", fields: ["Accept-Encoding: br"]).header("etag")
        #expect(plain != packed)
    }

    @Test func `a prefix, an index and Cache-Control can be set`() async throws {
        let more = #", "prefix": "/assets", "index": "", "cacheControl": "max-age=60""#
        #expect(try await get("/assets/style.css", more).header("cache-control") == "max-age=60")
        #expect(try await get("/assets/", more).text == "ok")
        #expect(try await get("/style.css", more).text == "ok")
        #expect(try await get("/assetsstyle.css", more).text == "ok")
    }

    @Test func `a folder that is not there stops the start`() async throws {
        var files = try StaticFilesMiddleware(options: options("{\"root\": \"\(root)/none\"}"))
        await #expect(throws: FileError.self) { try await files.start(in: exchange.setup) }
        var file = try StaticFilesMiddleware(options: options("{\"root\": \"\(root)/style.css\"}"))
        await #expect(throws: FileError.self) { try await file.start(in: exchange.setup) }
    }

    @Test(arguments: [
        (#""prefix": "assets""#, "prefix"), (#""index": "a/b""#, "index"), (#""cacheControl": "a\nb""#, "cacheControl"),
    ])
    func `options without sense are refused`(_ option: String, _ key: String) throws {
        let error = try #require(throws: OptionsError.self) {
            try StaticFilesMiddleware(options: options("{\"root\": \"/\", \(option)}"))
        }
        #expect(error.key == key)
    }
}
