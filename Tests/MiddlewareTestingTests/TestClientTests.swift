import Baton
import Foundation
import MiddlewareTesting
import TestSupport
import Testing

/// One test at both depths: what a client gets is the same, byte for byte but for the date.
@Suite(.timeLimit(.minutes(1))) struct TestClientTests {
    private struct Item: Codable, Equatable {
        var name: String
    }

    private struct Broken: Error {}

    private func makeApplication(_ yaml: String = "") async throws -> Application {
        var app = try await Application(yaml: yaml, logger: LogRecorder().makeLogger())
        app.router.get("/hello") { _, _ in .text("Hello!") }
        app.router.post("/echo") { request, _ in
            var response = Response(status: .created, body: try await request.body.collect())
            response.headers[.contentType] = request.header(.contentType)
            return response
        }
        app.router.get("/cookies") { request, _ in
            var response = Response.text(request.header(.cookie) ?? "none")
            response.headers.append(name: .setCookie, value: "a=1; Path=/; HttpOnly")
            response.headers.append(name: .setCookie, value: "b=x=y")
            return response
        }
        app.router.get("/stream") { _, _ in
            Response(
                status: .ok,
                body: .stream { writer in
                    for part in ["one ", "", "two ", "three"] { try await writer.write(part) }
                    writer.finish(trailers: [.eTag: "\"7\""])
                }
            )
        }
        app.router.get("/promised") { _, _ in
            Response(status: .ok, body: .stream(length: 5) { try await $0.write("12345") })
        }
        app.router.get("/broken") { _, _ in
            Response(
                status: .ok,
                body: .stream { writer in
                    try await writer.write("a part")
                    throw Broken()
                }
            )
        }
        app.router.get("/short") { _, _ in
            Response(status: .ok, body: .stream(length: 9) { try await $0.write("a part") })
        }
        app.router.get("/throws") { _, _ in throw HTTPError(.conflict, "Not now.") }
        app.router.get("/bug") { _, _ in throw Broken() }
        app.router.get("/wrong") { _, _ in
            var response = Response.text("never sent")
            response.headers[.server] = "two\r\nlines"
            return response
        }
        app.router.get("/nothing") { _, _ in Response(status: .noContent) }
        app.router.get("/job") { _, context in
            .text(try await context.pool.submit { try RequestContext.require().g.requestID ?? "" }.value)
        }
        return app
    }

    private static let requests = [
        TestRequest("GET", "/hello"), TestRequest("HEAD", "/hello"),
        TestRequest("GET", "/cookies").with(cookies: ["b": "2", "a": "1"]),
        TestRequest("POST", "/echo", headers: ["Content-Type": "text/plain"], body: "a body"),
        TestRequest("POST", "/echo", body: ""), TestRequest("POST", "/echo", bytes: [0, 255, 13, 10]),
        TestRequest("GET", "/stream"), TestRequest("HEAD", "/stream"), TestRequest("GET", "/promised"),
        TestRequest("GET", "/throws"), TestRequest("GET", "/bug"), TestRequest("GET", "/wrong"),
        TestRequest("GET", "/nothing"), TestRequest("GET", "/nowhere"), TestRequest("DELETE", "/hello"),
        TestRequest("POST", "/echo", body: String(repeating: "x", count: 2_000_000)),
        TestRequest("GET", "/a path"), TestRequest("GET", "/hello", headers: ["Bad Name": "x"]),
        TestRequest("GET", "/hello", headers: ["Host": "shop.test"]),
        TestRequest("GET", "/hello", headers: ["X-Long": String(repeating: "x", count: 100_000)]),
    ]

    @Test func `both depths give the same responses`() async throws {
        let app = try await makeApplication("chain: [request-id]\nmiddleware: {request-id: {acceptIncoming: true}}")
        func responses(_ depth: TestDepth) async throws -> [TestResponse] {
            try await app.test(depth) { client in
                #expect(client.depth == depth)
                var all: [TestResponse] = []
                for request in Self.requests {
                    var request = request
                    request.headers.append(("X-Request-ID", "7"))
                    all.append(try await client.send(request).without(.date))
                }
                return all
            }
        }
        let (inProcess, overSocket) = (try await responses(.inProcess), try await responses(.overSocket))
        for ((request, one), other) in zip(zip(Self.requests, inProcess), overSocket) {
            #expect(one == other, "\(request)")
        }
        #expect(Set(inProcess.map(\.status.code)).isSuperset(of: [200, 201, 204, 400, 404, 405, 409, 413, 431, 500]))
    }

    @Test(arguments: TestDepth.allCases) func `bodies and headers go both ways`(depth: TestDepth) async throws {
        try await makeApplication()
            .test(depth) { client in
                let json = try await client.post(
                    "/echo",
                    body: #"{"name": "tea"}"#,
                    headers: ["Content-Type": "application/json"]
                )
                #expect(json.status == .created)
                #expect(json.headers[.contentType] == "application/json")
                #expect(try json.json(Item.self) == Item(name: "tea"))
                #expect(throws: DecodingError.self) { try json.json([Int].self) }
            }
    }

    @Test(arguments: TestDepth.allCases)
    func `the client is this machine, and may be trusted as a proxy`(depth: TestDepth) async throws {
        for trusted in ["127.0.0.1", "unix"] {
            var app = try await makeApplication(
                """
                server: {proxies: {trusted: [\(trusted)]}}
                chain: [proxy-headers]
                middleware: {proxy-headers: {headers: x-forwarded}}
                """
            )
            app.router.get("/client") { request, _ in .text(request.clientAddress.host) }
            try await app.test(depth) { client in
                let response = try await client.get("/client", headers: ["X-Forwarded-For": "192.0.2.1"])
                #expect(response.text == (trusted == "unix" ? "127.0.0.1" : "192.0.2.1"))
            }
        }
    }

    @Test(arguments: TestDepth.allCases) func `cookies are sent and read`(depth: TestDepth) async throws {
        try await makeApplication()
            .test(depth) { client in
                let response = try await client.get("/cookies", cookies: ["b": "2", "a": "1"])
                #expect(response.text == "a=1; b=2")
                #expect(response.cookies == ["a": "1", "b": "x=y"])
            }
    }

    @Test(arguments: TestDepth.allCases) func `a stream is collected, with its trailers`(depth: TestDepth) async throws
    {
        try await makeApplication()
            .test(depth) { client in
                let response = try await client.get("/stream")
                #expect(response.text == "one two three")
                #expect(response.trailers[.eTag] == "\"7\"")
            }
    }

    @Test(arguments: TestDepth.allCases, ["/broken", "/short"])
    func `a response that breaks off is an error`(depth: TestDepth, path: String) async throws {
        try await makeApplication()
            .test(depth) { client in
                let error = await #expect(throws: TestClientError.self) { try await client.get(path) }
                #expect(error?.code == .brokenOff)
                #expect(error?.description.hasPrefix("GET \(path): the response broke off after") == true)
                let next = try await client.get("/hello")
                #expect(next.text == "Hello!")
            }
    }

    @Test(arguments: TestDepth.allCases) func `a file is sent whole or in part`(depth: TestDepth) async throws {
        let temporary = try TemporaryFolder()
        defer { withExtendedLifetime(temporary) {} }
        let folder = temporary.path
        let text = String(repeating: "0123456789", count: 20_000)
        try text.write(toFile: "\(folder)/a.txt", atomically: true, encoding: .utf8)
        let app = try await makeApplication(
            "chain: [static-files]\nmiddleware: {static-files: {root: \"\(folder)\"}}"
        )
        try await app.test(depth) { client in
            #expect(try await client.get("/a.txt").text == text)
            let part = try await client.get("/a.txt", headers: ["Range": "bytes=5-8,20-21"])
            #expect(part.status == .partialContent)
            #expect(part.text.contains("5678"))
        }
    }

    @Test(arguments: TestDepth.allCases) func `jobs have their context`(depth: TestDepth) async throws {
        try await makeApplication("chain: [request-id]")
            .test(depth) { client in
                let response = try await client.get("/job", headers: ["X-Request-ID": "abc"])
                #expect(response.text == "abc")
            }
    }

    @Test(arguments: TestDepth.allCases)
    func `a handler that blocks for a job is refused, with a request or without`(depth: TestDepth) async throws {
        var app = try await makeApplication()
        app.router.get("/waits") { _, context in
            let release = Gate()
            defer { release.open() }
            let job = try context.pool.submit { release.wait() }
            func wait() -> String {
                do { try job.wait(timeout: .seconds(5)) } catch {
                    return (error as? ContextPoolError)?.code.description ?? ""
                }
                return "it waits"
            }
            return .text("\(wait()), \(try ContextSnapshot.capture(.appOnly).run { wait() })")
        }
        try await app.test(depth) { client in
            let response = try await client.get("/waits")
            #expect(response.text == "wouldBlockLoop, wouldBlockLoop")
        }
    }

    @Test(arguments: TestDepth.allCases) func `mistakes stop the start, all at once`(depth: TestDepth) async throws {
        let app = try await makeApplication("chain: [acces-log, requestid]")
        let error = await #expect(throws: ConfigurationError.self) {
            try await app.test(depth) { _ in Issue.record("it has started") }
        }
        #expect(error?.description.split(separator: "\n").count == 2)
        var twice = try await makeApplication()
        twice.router.get("/hello") { _, _ in .text("") }
        let contradiction = twice
        await #expect(throws: RouterError.self) { try await contradiction.test(depth) { _ in } }
    }

    @Test(arguments: TestDepth.allCases) func `what the test throws comes out`(depth: TestDepth) async throws {
        let app = try await makeApplication()
        await #expect(throws: Broken.self) { try await app.test(depth) { _ in throw Broken() } }
        #expect(try await app.test(depth) { _ in 7 } == 7)
    }

    @Test func `a client that has outlived its server says so`() async throws {
        let client = try await makeApplication().test(.overSocket) { $0 }
        let error = await #expect(throws: TestClientError.self) { try await client.get("/hello") }
        #expect(error?.code == .notConnected)
    }

    @Test(arguments: TestDepth.allCases) func `many requests go at once`(depth: TestDepth) async throws {
        try await makeApplication()
            .test(depth) { client in
                try await withThrowingTaskGroup(of: String.self) { tasks in
                    for number in 0..<32 { tasks.addTask { try await client.post("/echo", body: "\(number)").text } }
                    var answers: Set<String> = []
                    for try await answer in tasks { answers.insert(answer) }
                    #expect(answers.count == 32)
                }
            }
    }
}

extension TestResponse {
    /// The lines that a test can compare: everything but one field.
    fileprivate func without(_ name: HTTPField.Name) -> TestResponse {
        var copy = self
        copy.headers[name] = nil
        return copy
    }
}
