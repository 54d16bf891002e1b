import Baton
import TestSupport
import Testing

/// Whole applications, whose proxy is at 127.0.0.2, and stands behind others at 198.51.100.0/24.
@Suite(.timeLimit(.minutes(1))) struct ProxyHeadersMiddlewareTests {
    /// Says whom it has seen before the rest of the chain, and after.
    private struct Witness: MiddlewarePlugin {
        static let name = "witness"

        init(options: NoOptions) {}

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            let before = request.clientAddress.host
            var response = try await next(request, in: context)
            response.headers[.server] = "\(before) \(request.clientAddress.host)"
            return response
        }
    }

    private struct Server: Sendable {
        let app: TestApplication
        let prefix: String

        /// The answer to a request from 127.0.0.x.
        func ask(
            _ line: String = "GET /",
            from source: UInt8 = 2,
            saying prefix: String? = nil,
            _ fields: [String] = []
        ) async throws -> RawResponse {
            let head = (["\(line) HTTP/1.1", "Host: own"] + fields + ["", ""]).joined(separator: "\r\n")
            let message = (prefix ?? self.prefix) + head
            return try await onThread {
                let connection = try RawConnection(port: app.port, source: source)
                try connection.send(message)
                return try connection.receiveResponse()
            }
        }
    }

    private func serve(
        _ rest: String,
        sendProxyHeader: Bool = false,
        _ body: @escaping @Sendable (Server) async throws -> Void
    ) async throws {
        let proxies = "{trusted: [127.0.0.2, 198.51.100.0/24], sendProxyHeader: \(sendProxyHeader)}"
        let prefix = sendProxyHeader ? "PROXY TCP4 198.51.100.9 198.51.100.1 1 443\r\n" : ""
        try await TestApplication.run(yaml: "server: {proxies: \(proxies)}\n\(rest)") { app in
            app.register(Witness.self)
            for path in ["/", "/a", "/b"] {
                app.router.get(path) { request, _ in
                    .text("\(request.clientAddress.host) \(request.clientScheme) \(request.clientAuthority)")
                }
            }
            app.router.post("/") { _, _ in .text("done") }
            app.router.get("/own") { request, context in
                let job = try context.pool.submit { Request.current?.clientAddress.host }
                let seen = [request.clientAddress.host, context.request?.clientAddress.host, try await job.value]
                return .text(seen.map { $0 ?? "nobody" }.joined(separator: " "))
            }
            app.router.group(host: "shop.test") { $0.get("/host") { _, _ in .text("the shop") } }
        } _: { app in
            try await body(Server(app: app, prefix: prefix))
        }
    }

    private static let step = "chain: [proxy-headers]\nmiddleware: {proxy-headers: {headers: x-forwarded}}"

    @Test func `behind it the client is whom the fields of a trusted proxy name`() async throws {
        let fields = ["X-Forwarded-For: 6.6.6.6, 192.0.2.1", "X-Forwarded-Proto: https", "X-Forwarded-Host: shop"]
        try await serve(Self.step) { server in
            let response = try await server.ask("GET /", fields)
            #expect(response.body == "192.0.2.1 https shop")
            #expect(try await server.ask().body == "127.0.0.2 http own")
            #expect(try await server.ask("GET /", ["Forwarded: for=192.0.2.1"]).body == "127.0.0.2 http own")
        }
    }

    @Test func `the request of the context and of its jobs is the same one`() async throws {
        try await serve(Self.step) { server in
            let seen = try await server.ask("GET /own", ["X-Forwarded-For: 192.0.2.1"]).body
            #expect(seen == "192.0.2.1 192.0.2.1 192.0.2.1")
        }
    }

    @Test func `who is no trusted proxy is believed nothing`() async throws {
        try await serve(Self.step) { server in
            let fields = ["X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil"]
            let response = try await server.ask(from: 3, fields)
            #expect(response.body == "127.0.0.3 http own")
        }
    }

    @Test func `without it no field is followed, not even a trusted proxy's`() async throws {
        try await serve("chain: []") { server in
            let response = try await server.ask("GET /", ["X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1"])
            #expect(response.body == "127.0.0.2 http own")
        }
    }

    @Test func `what stands before it sees the proxy until the request has come by`() async throws {
        let yaml = "chain: [witness, proxy-headers]\nmiddleware: {proxy-headers: {headers: forwarded}}"
        try await serve(yaml) { server in
            let response = try await server.ask("GET /", ["Forwarded: for=192.0.2.1"])
            #expect(response.headers["server"] == "127.0.0.2 192.0.2.1")
        }
    }

    @Test func `what cannot be read ends the walk, as far as somebody can vouch`() async throws {
        try await serve(Self.step) { server in
            let broken = try await server.ask("GET /", ["X-Forwarded-For: 192.0.2.1, <script>, 198.51.100.7"])
            #expect(broken.body == "198.51.100.7 http own")
            #expect(
                try await server.ask("GET /", ["X-Forwarded-For: 192.0.2.1, 999.1.1.1"]).body == "127.0.0.2 http own"
            )
            let values = try await server.ask("GET /", ["X-Forwarded-Proto: javascript", "X-Forwarded-Host: a b"])
            #expect(values.body == "127.0.0.2 http own")
        }
    }

    @Test func `fields go on from the proxy that the PROXY protocol names, where that is trusted`() async throws {
        try await serve(Self.step, sendProxyHeader: true) { server in
            #expect(try await server.ask("GET /", ["X-Forwarded-For: 192.0.2.1"]).body == "192.0.2.1 http own")
            #expect(try await server.ask().body == "198.51.100.9 http own")
            let forger = "PROXY TCP4 192.0.2.66 198.51.100.1 1 443\r\n"
            let forged = try await server.ask(saying: forger, ["X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https"])
            #expect(forged.body == "192.0.2.66 http own")
        }
    }

    @Test func `two chains may follow different fields, and the inner one has the last word`() async throws {
        let yaml = """
            chain: [usual]
            chains: {a: {scope: below /a, steps: [standard]}}
            middleware:
              usual: {use: proxy-headers, headers: x-forwarded}
              standard: {use: proxy-headers, headers: forwarded}
            """
        try await serve(yaml) { server in
            let fields = ["X-Forwarded-For: 192.0.2.7", "Forwarded: for=192.0.2.8;proto=https"]
            let inner = try await server.ask("GET /a", fields)
            #expect(inner.body == "192.0.2.8 https own")
            #expect(try await server.ask("GET /b", fields).body == "192.0.2.7 http own")
        }
        let apart = """
            chains: {a: {scope: below /a, steps: [usual]}, b: {scope: below /b, steps: [standard]}}
            middleware:
              usual: {use: proxy-headers, headers: x-forwarded}
              standard: {use: proxy-headers, headers: forwarded}
            """
        try await serve(apart) { server in
            let fields = ["X-Forwarded-For: 192.0.2.7", "Forwarded: for=192.0.2.8"]
            let first = try await server.ask("GET /a", fields)
            #expect(first.body == "192.0.2.7 http own")
            #expect(try await server.ask("GET /b", fields).body == "192.0.2.8 http own")
            #expect(try await server.ask("GET /", fields).body == "127.0.0.2 http own")
        }
    }

    @Test func `the built-ins behind it ask for the client, and so do routes of a host`() async throws {
        let yaml = """
            chain: [proxy-headers, access-log, rate-limit, security-headers, csrf]
            middleware:
              proxy-headers: {headers: x-forwarded}
              rate-limit: {requests: 1, per: 1h}
            """
        try await serve(yaml) { server in
            let first = try await server.ask("GET /", ["X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https"])
            #expect(first.status == 200)
            #expect(first.headers["strict-transport-security"] != nil)
            #expect(try await server.ask("GET /", ["X-Forwarded-For: 192.0.2.1"]).status == 429)
            let other = try await server.ask("GET /", ["X-Forwarded-For: 192.0.2.2"])
            #expect(other.status == 200)
            #expect(other.headers["strict-transport-security"] == nil)
            let (origin, shop) = ("Origin: https://shop.test", "X-Forwarded-Host: shop.test")
            #expect(try await server.ask("POST /", ["X-Forwarded-For: 192.0.2.3", shop, origin]).status == 200)
            #expect(try await server.ask("POST /", ["X-Forwarded-For: 192.0.2.4", origin]).status == 403)
            #expect(try await server.ask("GET /host", ["X-Forwarded-For: 192.0.2.5", shop]).body == "the shop")
            #expect(try await server.ask("GET /host", ["X-Forwarded-For: 192.0.2.6"]).status == 404)
            // Two loops write them, each after its response.
            let clients = [1, 1, 2, 3, 4, 5, 6].map { "192.0.2.\($0)" }
            let logs = server.app.logs
            #expect(
                await isSoon {
                    logs.lines.filter { $0.message == "request" }.compactMap { $0.metadata["client"] }.sorted()
                        == clients
                }
            )
        }
    }
}
