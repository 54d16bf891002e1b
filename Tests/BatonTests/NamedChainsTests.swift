import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Baton

/// Chains for some requests, and several instances of one plug-in.
@Suite struct NamedChainsTests {
    /// Writes its mark behind those of the plug-ins that a request has passed before.
    private struct Marking: MiddlewarePlugin {
        static let name = "marking"

        struct Options: Decodable {
            var mark: String
            var after: String?
            var needs: String?
        }

        let options: Options

        init(options: Options) { self.options = options }

        var chainRules: [ChainRule] {
            [options.after.map { .after($0, because: "so") }, options.needs.map { .needs($0, because: "so") }]
                .compactMap(\.self)
        }

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            context.updateValues { $0[named: "marks"] = ($0[named: "marks"] ?? "") + options.mark }
            do {
                return try await next(request, in: context)
            } catch is HTTPError {
                return .text(context.g[named: "marks"] ?? "", status: .notFound)
            }
        }
    }

    private static let yaml = """
        chain: [all]
        chains:
          api: {scope: [below /api, exactly /hook], steps: [a]}
          item: {scope: "route /api/{id}", steps: [i]}
          inner: {scope: below /api/inner, steps: [b, c]}
        middleware:
          all: {use: marking, mark: "*"}
          a: {use: marking, mark: a}
          b: {use: marking, mark: b}
          c: {use: marking, mark: c}
          i: {use: marking, mark: i}
        """

    @Test(arguments: [
        ("/", "*"), ("/hook", "*a"), ("/hook/x", "*"), ("/api", "*a"), ("/api/7", "*ai"), ("/api/7/8", "*a"),
        ("/apis", "*"), ("/api/inner", "*abci"), ("/api/inner/x", "*abc"), ("/%61pi/nothing/here", "*a"),
        ("/nothing/../api", "*a"), ("//api//inner", "*abc"),
    ])
    func `a request passes the chain of all, those of its path in their order, and that of its route`(
        _ path: String,
        _ marks: String
    ) async throws {
        let response = try await TestApplication.run(yaml: Self.yaml) { app in
            app.register(Marking.self)
            for pattern in ["/", "/hook", "/api", "/api/{id}"] {
                app.router.get(pattern) { _, context in .text(context.g[named: "marks"] ?? "") }
            }
        } _: { app in
            try await app.request("GET \(path)")
        }
        #expect(response.body == marks)
    }

    private func mistakes(_ yaml: String) async -> [String] {
        do {
            var app = try await Application(yaml: yaml, file: "c.yml")
            app.register(Marking.self)
            app.router.get("/users/{id}") { _, _ in .text("ok") }
            try app.checkChain()
            return []
        } catch {
            return "\(error)".split(separator: "\n").map(String.init)
        }
    }

    @Test(arguments: [
        (
            "chains: {a: {steps: []}}",
            """
            c.yml:1:10: chains.a.scope: it says for which requests the chain is, and is missing: 'below /api', \
            'exactly /login' or 'route /users/{id}'
            """
        ),
        (
            "chains: {a: {scope: [under /a], steps: []}}",
            "c.yml:1:22: chains.a.scope.0: expected 'below PATH', 'exactly PATH' or 'route PATTERN', found \"under /a\""
        ),
        (
            "chains: {a: {scope: below a, steps: []}}",
            "c.yml:1:21: chains.a.scope: \"a\" is not a path: it must begin with '/' and be encoded"
        ),
        (
            "chains: {a: {scope: 'route /users/{i}', steps: []}}",
            "c.yml:1:21: chains.a.scope: there is no route \"/users/{i}\"; did you mean \"/users/{id}\"?"
        ),
        (
            "chains: {a: {scope: [below /a, 'route /users/{id}'], steps: []}}",
            """
            c.yml:1:14: chains.a.scope: a chain is for paths (below, exactly) or for routes: make two of it, with the \
            same steps
            """
        ),
        (
            "chains: {a: {scope: below /a, steps: [gg]}}",
            "c.yml:1:39: chains.a.steps.0: unknown middleware \"gg\"; did you mean \"g\"? Known: access-log, auth, "
        ),
        (
            "chain: [g]\nchains: {a: {scope: below /a, steps: [g]}}",
            "c.yml:2:39: chains.a.steps.0: \"g\" is in the chain already, at c.yml:1:9"
        ),
        (
            "chains: {a: {scope: below /a, steps: [g]}, b: {scope: exactly /a/b, steps: [g]}}",
            "c.yml:1:77: chains.b.steps.0: \"g\" is in the chain already, at c.yml:1:39"
        ),
        (
            "chains: {a: {scope: below /a, step: []}}",
            "c.yml:1:31: chains.a.step: unknown key; did you mean \"steps\"? "
        ),
        (
            "chain: [mine]\nmiddleware: {mine: {use: markng}}",
            "c.yml:2:26: middleware.mine.use: unknown middleware \"markng\"; did you mean \"marking\"? Known: "
        ),
        (
            "chain: [mine]\nmiddleware: {mine: {use: marking, mrak: x, mark: y}}",
            "c.yml:2:35: middleware.mine.mrak: unknown key; did you mean \"mark\"? Known: after, mark, needs."
        ),
    ])
    func `what is wrong with chains and instances is told at its place`(_ yaml: String, _ message: String) async {
        let found = await mistakes(yaml)
        #expect(found.count == 1 && found.first?.hasPrefix(message) == true, "\(found)")
    }

    @Test func `rules hold for what a request passes as a whole`() async {
        let middleware =
            "middleware: {m: {use: marking, mark: x, needs: request-id}, n: {use: marking, mark: y, after: g}}\n"
        #expect(await mistakes(middleware + "chain: [request-id]\nchains: {a: {scope: below /a, steps: [m]}}") == [])
        #expect(
            await mistakes(middleware + "chains: {a: {scope: below /a, steps: [m]}}") == [
                "c.yml:2:39: chains.a.steps.0: \"m\" needs \"request-id\" before it in the chain, because so"
            ]
        )
        #expect(
            await mistakes(middleware + "chain: [n]\nchains: {a: {scope: below /a, steps: [g]}}") == [
                "c.yml:2:9: chain.0: \"n\" must stand after \"g\", because so"
            ]
        )
        // The two chains never meet.
        let apart = "chains: {a: {scope: below /a, steps: [n]}, b: {scope: below /b, steps: [g]}}"
        #expect(await mistakes(middleware + apart) == [])
        // These do, in a path that is below both.
        let nested = "chains: {a: {scope: below /a, steps: [n]}, b: {scope: below /a/b, steps: [g]}}"
        #expect(await mistakes(middleware + nested).count == 1)
    }

    @Test func `instances of one plug-in have options and variables of their own`() async throws {
        let yaml = "chain: [a, b]\nmiddleware: {a: {use: marking, mark: a}, b: {use: marking, mark: b}}"
        let response = try await TestApplication.run(yaml: yaml, environment: ["BATON_MIDDLEWARE_B_MARK": "B"]) { app in
            app.register(Marking.self)
            app.router.get("/") { _, context in .text(context.g[named: "marks"] ?? "") }
        } _: { app in
            try await app.request("GET /")
        }
        #expect(response.body == "aB")
    }

    /// Has the steps observed, and notes down who has told of himself, for the test that its options name.
    private struct Watching: MiddlewarePlugin, StepObserving, StepObserver {
        static let name = "watching"
        static let told = Mutex<[String: [String]]>([:])

        struct Options: Decodable {
            var test: String
        }

        let options: Options

        init(options: Options) { self.options = options }

        var stepObserver: (any StepObserver)? { self }

        func stepEnded(_ step: String, after duration: Duration, hasFailed: Bool) {
            Self.told.withLock { $0[options.test, default: []].append(hasFailed ? "\(step)!" : step) }
        }

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            try await next(request, in: context)
        }
    }

    /// Stands around a route in the code.
    private struct Plain: Middleware {
        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            try await next(request, in: context)
        }
    }

    @Test func `who observes the chain of all is told of all other steps, each once, and of the handler`() async throws
    {
        let yaml = """
            chain: [watching, all]
            chains:
              api: {scope: below /api, steps: [a]}
              item: {scope: "route /api/{id}", steps: [i]}
            middleware:
              watching: {test: all}
              all: {use: marking, mark: "*"}
              a: {use: marking, mark: a}
              i: {use: marking, mark: i}
            """
        try await TestApplication.run(yaml: yaml) { app in
            app.register(Marking.self)
            app.register(Watching.self)
            app.router.get("/api/{id}", middleware: [Plain()]) { _, context in
                if context.parameters["id"] == "bad" { throw CancellationError() }
                return .text("ok")
            }
            app.router.get("/plain") { _, _ in .text("ok") }
        } _: { app in
            let cases = [
                ("/api/7", ["handler", "Plain", "i", "a", "all", "watching"]),
                ("/plain", ["handler", "all", "watching"]),
                ("/api/bad", ["handler!", "Plain", "i", "a", "all", "watching"]),
            ]
            for (path, steps) in cases {
                Watching.told.withLock { $0["all"] = [] }
                _ = try await app.request("GET \(path)")
                #expect(Watching.told.withLock { $0["all"] } == steps)
            }
        }
    }

    @Test func `who observes a chain of paths, or of a route, is told of what is inside of it`() async throws {
        let yaml = """
            chain: [all]
            chains:
              outer: {scope: below /api, steps: [a]}
              api: {scope: [below /api/in, exactly /none], steps: [watching, b]}
              inner: {scope: below /api, steps: [c]}
              item: {scope: "route /api/{id}", steps: [second, i]}
            middleware:
              watching: {test: paths}
              all: {use: marking, mark: "*"}
              a: {use: marking, mark: a}
              b: {use: marking, mark: b}
              c: {use: marking, mark: c}
              i: {use: marking, mark: i}
              second: {use: watching, test: paths}
            """
        try await TestApplication.run(yaml: yaml) { app in
            app.register(Marking.self)
            app.register(Watching.self)
            for pattern in ["/api/{id}", "/api/in/{id}", "/api/out/{id}"] {
                app.router.get(pattern, middleware: [Plain()]) { _, _ in .text("ok") }
            }
        } _: { app in
            let cases = [
                ("/api/in/7", ["handler", "Plain", "c", "b", "watching"]),
                ("/api/out/7", []), ("/none", ["b", "watching"]), ("/api/out/8", []),
                ("/api/7", ["handler", "Plain", "i", "second"]),
                // Of several the outermost is told, of each once.
                ("/api/in", ["handler", "Plain", "i", "second", "c", "b", "watching"]),
            ]
            for (path, steps) in cases {
                Watching.told.withLock { $0["paths"] = [] }
                _ = try await app.request("GET \(path)")
                #expect(Watching.told.withLock { $0["paths"] } == steps, "\(path)")
            }
        }
    }

    @Test func `a long row of the listing has its place below it, and moves no other`() async throws {
        let long = String(repeating: "x", count: 80)
        let app = try await Application(
            yaml: "chain: [g, request-id]\nmiddleware:\n  g: {values: {a: {constant: \(long)}}}",
            file: "c.yml"
        )
        let lines = try app.describeChain(for: "/").split(separator: "\n").map(String.init)
        let column = "    acceptIncoming: true  ".count
        let blank = String(repeating: " ", count: column)
        #expect(
            lines == [
                "g".padding(toLength: column, withPad: " ", startingAt: 0) + "c.yml:1:9",
                "    values.a.constant: \(long)", blank + "c.yml:3:30",
                "request-id".padding(toLength: column, withPad: " ", startingAt: 0) + "c.yml:1:12",
                "    acceptIncoming: true  by default", "    header: x-request-id  by default",
                "no route answers /",
            ]
        )
    }

    @Test func `what holds by default is shown as it would be written`() async throws {
        let app = try await Application(
            yaml: """
                chain: [compression, session, cors, security-headers, auth]
                middleware:
                  session: {keys: [a-session-key-of-at-least-32-bytes]}
                  cors: {origins: ["https://a.b"]}
                  auth: {secret: a-signing-secret-of-at-least-32-bytes}
                """
        )
        let rows = try app.describeChain().split(separator: "\n").filter { $0.hasSuffix("  by default") }
            .map { $0.dropLast("by default".count).trimmingCharacters(in: .whitespaces) }
        for row in [
            "codings: [zstd, br, gzip]", "effort: balanced", "idle: 30m", "lifetime: 12h", "sameSite: lax",
            "maxAge: 10m",
            "methods: [GET, HEAD, POST]", "leeway: 0s", "issuer: nothing", "users: {}", "exempt: []",
            "permissionsPolicy: \"\"",
            "minimumSize: 1KiB",
        ] { #expect(rows.contains(row), "\(row)") }
    }

    @Test func `the chain of a path is that of the route that the router finds for it`() async throws {
        var app = try await Application(
            yaml: """
                router: {trailingSlash: ignore}
                chains:
                  number: {scope: "route /{id:int}", steps: [a]}
                  word: {scope: "route /{id}", steps: [b]}
                  files: {scope: "route /files/{path...}", steps: [c]}
                middleware:
                  a: {use: marking, mark: a}
                  b: {use: marking, mark: b}
                  c: {use: marking, mark: c}
                """
        )
        app.register(Marking.self)
        app.router.get("/{id}") { _, _ in .text("") }
        app.router.post("/{id:int}", middleware: [Plain()]) { _, _ in .text("") }
        app.router.get("/files/{path...}") { _, _ in .text("") }
        func names(_ path: String) throws -> [String] {
            try app.describeChain(for: path).split(separator: "\n").filter { !$0.hasPrefix(" ") }
                .map { String($0.split(separator: "  ")[0]) }
        }
        #expect(try names("/seven") == ["word: route /{id}", "b (marking)", "the handler of /{id}"])
        // The GET route comes first: it answers most of what is asked for.
        #expect(try names("/7") == ["word: route /{id}", "b (marking)", "the handler of /{id}"])
        #expect(
            try names("/{id:int}") == ["number: route /{id:int}", "a (marking)", "Plain", "the handler of /{id:int}"]
        )
        let files = ["files: route /files/{path...}", "c (marking)", "the handler of /files/{path...}"]
        #expect(try names("/files/a/b.css") == files)
        #expect(try names("/seven/") == ["word: route /{id}", "b (marking)", "the handler of /{id}"])
        #expect(try names("/a/b") == ["no route answers /a/b"])
        #expect(try app.describeChain(for: "/{id:int}").contains("in the code, at BatonTests/NamedChainsTests.swift:"))
    }
}
