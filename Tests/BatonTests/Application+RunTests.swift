import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Baton

@Suite struct ApplicationRunTests {
    private static let yaml = """
        chain: [request-id, access-log, auth, g]
        pool: {workers: 4}
        middleware:
          auth: {required: false, apiKeys:
            {alice: sha256:9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f},
            exempt: [/health, /public/*]}
          g: {values: {userID: {header: user-id, default: nobody}}}
        """

    @Test func `64 users at once get their own names back, from a pool that was made at the start`() async throws {
        let answers = try await TestApplication.run(yaml: Self.yaml) { app in
            app.router.get("/me/{name}") { _, context in
                let futures = try (0..<4)
                    .map { _ in
                        try context.pool.submit { () throws -> String in
                            let context = try RequestContext.require()
                            let name = try context.parameters.require("name")
                            return "\(name) \(context.g[named: "userID"] ?? "") \(context.g.requestID ?? "")"
                        }
                    }
                var names: [String] = []
                for future in futures { names.append(try await future.value) }
                return .text(names.joined(separator: ","))
            }
        } _: { app in
            try await withThrowingTaskGroup(of: [String].self) { users in
                for user in 0..<64 {
                    users.addTask {
                        try await onThread {
                            let connection = try RawConnection(port: app.port)
                            return try (0..<10)
                                .map { round in
                                    let id = "\(user)-\(round)"
                                    try connection.send(
                                        """
                                        GET /me/u\(id) HTTP/1.1\r\nHost: test\r\nuser-id: u\(id)\r\nx-request-id: r\(id)\r\n\r\n
                                        """
                                    )
                                    let body = try connection.receiveResponse().body
                                    let expected = Array(repeating: "u\(id) u\(id) r\(id)", count: 4)
                                        .joined(separator: ",")
                                    return body == expected ? "ok" : body
                                }
                        }
                    }
                }
                return try await users.reduce(into: []) { $0 += $1 }
            }
        }
        #expect(answers.count == 640)
        #expect(Set(answers) == ["ok"])
    }

    @Test func `the whole chain shows in a response and in one line of the log`() async throws {
        let logs = try await TestApplication.run(yaml: "server: {loops: 1}\n" + Self.yaml) { app in
            app.router.get("/hello") { _, context in .text(context.g[named: "userID"] ?? "") }
        } _: { app in
            let headers = ["x-request-id": "abc", "user-id": "bob", "x-api-key": "0123456789abcdef"]
            let response = try await app.request("GET /hello?x=1", headers: headers)
            #expect(response.body == "bob")
            #expect(response.headers["x-request-id"] == "abc")
            let missing = try await app.request("GET /nowhere")
            #expect(missing.status == 404)
            #expect(missing.headers["x-request-id"]?.utf8.count == 13)
            let head = try await app.request("HEAD /hello")
            #expect(head.status == 200)
            #expect(head.headers["content-length"] == "6")
            let wrong = try await app.request("DELETE /hello")
            #expect(wrong.headers["allow"] == "GET, HEAD, OPTIONS")
            return app.logs
        }
        // A line is written after its response: the last one is there for sure when the server has ended.
        let lines = logs.lines.filter { $0.message == "request" }
        #expect(lines.map { $0.metadata["status"] } == ["200", "404", "200", "405"])
        #expect(lines.first?.metadata["path"] == "/hello")
        #expect(lines.first?.metadata["request-id"] == "abc")
        #expect(lines.first?.metadata["user"] == "alice")
        #expect(lines.dropFirst(2).first?.metadata["bytes"] == "0")
    }

    @Test func `a body beyond the limit is 413, also where the handler reads it in pieces`() async throws {
        let yaml = "server: {limits: {body: 4}}\nchain: [request-id]"
        try await TestApplication.run(yaml: yaml) { app in
            app.router.post("/") { request, _ in .text("\(try await request.body.collect().count)") }
        } _: { app in
            #expect(try await app.request("POST /", body: "1234").body == "4")
            #expect(try await app.request("POST /", body: "12345").status == 413)
            let chunked = try await onThread {
                let connection = try RawConnection(port: app.port)
                try connection.send(
                    "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"
                )
                return try connection.receiveResponse()
            }
            #expect(chunked.status == 413)
            #expect(chunked.headers["x-request-id"] != nil)
        }
    }

    @Test func `credentials decide over real sockets, whatever the path looks like`() async throws {
        let yaml = Self.yaml.replacing("required: false", with: "required: true")
        try await TestApplication.run(yaml: yaml) { app in
            for path in ["/health", "/private", "/public/{a}", "/public/{a}/{b}"] {
                app.router.get(path) { _, context in .text(context.g.user?.id ?? "nobody") }
            }
        } _: { app in
            #expect(try await app.request("GET /health").body == "nobody")
            #expect(try await app.request("GET http://test/public/a").body == "nobody")
            #expect(try await app.request("GET /private", headers: ["x-api-key": "0123456789abcdef"]).body == "alice")
            for target in [
                "/private", "/private?/public/", "/public/../private", "/public/%2e%2e", "//health",
                "http://test/private", "/HEALTH",
            ] {
                let response = try await app.request("GET \(target)")
                #expect(response.status == 401, "\(target)")
                #expect(response.headers["www-authenticate"] == "ApiKey realm=\"baton\"", "\(target)")
            }
        }
    }

    @Test func `no context outlives its request, whether its client stays or leaves, or its handler fails`()
        async throws
    {
        let contexts = Mutex<[() -> RequestContext?]>([])
        let (begun, left, ended) = (Gate(), Gate(), Gate())
        try await TestApplication.run(yaml: Self.yaml) { app in
            app.router.get("/{how}") { _, context in
                contexts.withLock { $0.append({ [weak context] in context }) }
                context.onResponse { _ in _ = context.g }
                context.onTeardown { _ in _ = context.g }
                switch context.parameters["how"] {
                case "fail": throw CancellationError()
                case "leave":
                    context.onTeardown { _ in ended.open() }
                    begun.open()
                    await left.opened()
                    return .text("too late")
                default: return .text("ok")
                }
            }
        } _: { app in
            #expect(try await app.request("GET /stay").status == 200)
            #expect(try await app.request("GET /fail").status == 500)
            try await onThread {
                let connection = try RawConnection(port: app.port)
                try connection.send("GET /leave HTTP/1.1\r\nHost: test\r\n\r\n")
                begun.wait()
                connection.reset()
            }
            left.open()
            await ended.opened()
        }
        #expect(contexts.withLock { $0 }.count == 3)
        #expect(contexts.withLock { $0 }.allSatisfy { $0() == nil })
    }

    @Test func `what onReady throws stops the start, and frees the port`() async throws {
        struct Refused: Error {}
        let app = try await Application(yaml: "server: {port: 0}", logger: LogRecorder().makeLogger())
        let port = Mutex(0)
        await #expect(throws: Refused.self) {
            try await app.run { launch in
                port.withLock { $0 = launch.address.port }
                throw Refused()
            }
        }
        let taken = port.withLock { $0 }
        #expect(taken > 0)
        await #expect(throws: RawConnection.Failure.self) { try await onThread { _ = try RawConnection(port: taken) } }
    }

    @Test func `whatever a request carries, its id, its errors and its log stay one line each`() async throws {
        let logs = try await TestApplication.run(yaml: "server: {loops: 1}\n" + Self.yaml) { app in
            app.router.get("/say/{text}") { _, context in
                let text = try context.parameters.require("text")
                throw HTTPError(.init(code: 400, reasonPhrase: text), text)
            }
            app.router.get("/go/{text}") { _, context in
                throw HTTPError(.seeOther, headers: [.location: try context.parameters.require("text")])
            }
        } _: { app in
            let response = try await app.request(
                "GET /say/a%0d%0aset-cookie:%20b=c%0d%0a%0d%0a<p>",
                headers: ["x-request-id": "a b"]
            )
            #expect(response.status == 400)
            #expect(response.headers["set-cookie"] == nil)
            #expect(response.headers["x-request-id"]?.utf8.count == 13)
            let moved = try await app.request("GET /go/a%0d%0aset-cookie:%20b=c%0d%0a%0d%0a<p>")
            #expect(moved.status == 500)
            #expect(moved.headers["set-cookie"] == nil && moved.headers["location"] == nil)
            return app.logs
        }
        #expect(logs.lines.filter { $0.level == .error }.map(\.message) == ["response refused"])
        let values = logs.lines.flatMap { [$0.message] + $0.metadata.values }
        #expect(values.allSatisfy { !$0.contains { $0.isNewline } })
    }

    @Test func `the launch tells the address, the loops, the workers and the chain`() async throws {
        let app = try await Application(
            yaml: "server: {port: 0, loops: 2}\npool: {workers: 3}\nchain: [g]",
            logger: LogRecorder().makeLogger()
        )
        let running = Task {
            try await app.run { launch in
                #expect(launch.address.port > 0)
                #expect(launch.address.isLoopback)
                #expect(launch.loops == 2)
                #expect(launch.workers == 3)
                #expect(launch.chain == ["g"])
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            }
        }
        _ = try? await running.value
    }
}
