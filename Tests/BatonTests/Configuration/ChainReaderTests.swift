import Foundation
import TestSupport
import Testing

@testable import Baton

/// Where mistakes in chains are said to be, and what is not wrong but hardly meant.
@Suite struct ChainReaderTests {
    private struct Passing: MiddlewarePlugin {
        static let name = "passing"

        struct Options: Decodable {
            var tenants: [String]
        }

        init(options: Options) {}

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            try await next(request, in: context)
        }
    }

    private func makeApplication(_ yaml: String) async throws -> Application {
        var app = try await Application(yaml: yaml, file: "c.yml")
        app.register(Passing.self)
        return app
    }

    private func mistakes(_ yaml: String) async -> [String] {
        do {
            try await makeApplication(yaml).checkChain()
            return []
        } catch {
            return "\(error)".split(separator: "\n").map { String($0.prefix { $0 != ";" }) }
        }
    }

    @Test func `a list of options that is missing is told, and not taken for an empty one`() async {
        #expect(
            await mistakes("chain: [passing]\nmiddleware:\n  passing: {}") == [
                "c.yml:3:3: middleware.passing.tenants: a list is missing"
            ]
        )
        #expect(await mistakes("chain: [passing]\nmiddleware: {passing: {tenants: []}}") == [])
    }

    @Test func `a step behind a mistaken element keeps its own place`() async {
        #expect(
            await mistakes("chain: [[a], gg, request-id, ~, gh, request-id]") == [
                "c.yml:1:9: chain.0: expected a single value, found a list",
                "c.yml:1:14: chain.1: unknown middleware \"gg\"",
                "c.yml:1:30: chain.3: expected a single value, found nothing",
                "c.yml:1:33: chain.4: unknown middleware \"gh\"",
                "c.yml:1:37: chain.5: \"request-id\" is in the chain already",
            ]
        )
        #expect(
            await mistakes("chains: {a: {scope: below /a, steps: [{}, gg]}}") == [
                "c.yml:1:39: chains.a.steps.0: expected a single value, found a map",
                "c.yml:1:43: chains.a.steps.1: unknown middleware \"gg\"",
            ]
        )
        #expect(
            await mistakes("chains: {a: {scope: [nowhere, route /x], steps: []}}") == [
                "c.yml:1:22: chains.a.scope.0: expected 'below PATH', 'exactly PATH' or 'route PATTERN', found \"nowhere\"",
                "c.yml:1:31: chains.a.scope.1: there is no route \"/x\"",
            ]
        )
    }

    @Test func `options of what is in no chain are a warning at their line`() async throws {
        let yaml = """
            chain: [g]
            chains: {a: {scope: below /a, steps: [more]}}
            middleware:
              g: {}
              more: {use: g}
              spare: {use: g}
              cors: {origins: ["*"]}
            """
        let does = "it is in no chain, and so does nothing: name it below chain, or in one of chains, or take it out"
        let warnings = [
            "c.yml:6:3: warning: middleware.spare: \(does)", "c.yml:7:3: warning: middleware.cors: \(does)",
        ]
        let app = try await makeApplication(yaml)
        #expect(try app.configurationWarnings == warnings)
        #expect(try app.answer(.check).warnings == warnings)
        // No mistake: it may be put back one day.
        #expect(try app.checkChain() == ["g"])
        #expect(try await makeApplication("chain: [g]\nmiddleware: {g: {}}").configurationWarnings == [])
    }

    @Test func `a server says in its log what does nothing, when it starts and when it reloads`() async throws {
        let logs = LogRecorder()
        let app = try await Application(yaml: "middleware:\n  g: {}", file: "c.yml", logger: logs.makeLogger())
        try await app.withoutServer { _ in }
        let warnings = logs.lines.filter { $0.level == .warning }.map(\.message)
        #expect(warnings.map { $0.prefix(33) } == ["c.yml:2:3: warning: middleware.g:"])
    }

    @Test func `what another program may have registered is hinted at, where this one has nothing of its own`()
        async throws
    {
        let hint = "If another program registers it, run the check of that one (PROGRAM check)"
        func message(_ app: Application) -> String {
            do {
                try app.checkChain()
                return ""
            } catch {
                return "\(error)"
            }
        }
        let plain = message(try await Application(yaml: "chain: [acces-log]", file: "c.yml"))
        #expect(plain.contains("unknown middleware \"acces-log\"; did you mean \"access-log\"? Known: "))
        #expect(plain.contains(hint))
        // With options it is told once, where they are.
        let both = message(
            try await Application(yaml: "chain: [acces-log]\nmiddleware: {acces-log: {}}", file: "c.yml")
        )
        #expect(
            both.hasPrefix("c.yml:2:14: middleware.acces-log: unknown middleware; did you mean \"access-log\"? Known: ")
        )
        #expect(both.components(separatedBy: hint).count == 2)
        let used = message(try await Application(yaml: "middleware: {x: {use: acces-log}}", file: "c.yml"))
        #expect(used.contains("did you mean \"access-log\"?") && used.contains(hint))
        let own = message(try await makeApplication("chain: [acces-log]"))
        #expect(own.contains("did you mean \"access-log\"?") && !own.contains(hint))
    }
}
