import Foundation
import TestSupport
import Testing

@testable import Baton

@Suite struct ApplicationServeTests {
    private struct NoDatabase: Error, CustomStringConvertible {
        let description = "The database does not answer."
    }

    @Test func `a configuration that is not there is one line and status 1, not a crash`() async {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            await Application.serve(configFile: "/no/such/config.yml") { _ in }
        }
        let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(said.contains("/no/such/config.yml"))
        #expect(said.split(separator: "\n").count == 1)
    }

    @Test func `mistakes of the configuration are lines with their places, and status 1`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/c.yml"
        try "servr: {}\nchain: [tenannt]\n".write(toFile: path, atomically: true, encoding: .utf8)
        defer { withExtendedLifetime(folder) {} }
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            [path = path as String] in
            await Application.serve(configFile: path) { _ in }
        }
        let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(said.contains("c.yml:1:1: servr: unknown key"))
        #expect(said.contains("c.yml:2:"))
    }

    private struct Tenant: MiddlewarePlugin {
        static let name = "tenant"

        struct Options: Decodable {
            var header: String
        }

        init(options: Options) {}

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            try await next(request, in: context)
        }
    }

    @Test(arguments: [
        (["check"], Application.Command.check), (["chain"], .chain(route: nil)),
        (["chain", "--route", "/a"], .chain(route: "/a")), (["schema"], .schema), ([], nil), (["--verbose"], nil),
        (["check", "--verbose"], nil), (["chain", "--route"], nil), (["chain", "--route", "a"], nil), (["serve"], nil),
    ])
    func `a program answers what the command answers, and leaves other arguments alone`(
        _ arguments: [String],
        _ command: Application.Command?
    ) {
        #expect(Application.Command(arguments) == command)
    }

    @Test func `it checks, lists and describes with the middleware that it has`() async throws {
        var app = try await Application(
            yaml: "chain: [tenant]\nmiddleware:\n  tenant: {header: x}\n  g: {}",
            file: "c.yml"
        )
        app.register(Tenant.self)
        app.router.get("/a") { _, _ in .text("ok") }
        let check = try app.answer(.check)
        #expect(check.text == "c.yml is in order. Chain: tenant -> handler")
        #expect(check.warnings.count == 1)
        #expect(try app.answer(.chain(route: "/a")).text.hasSuffix("the handler of /a"))
        #expect(try app.answer(.schema).text.contains("\"tenant\""))
        app.router.get("/a") { _, _ in .text("again") }
        #expect(throws: RouterError.self) { try app.answer(.check) }
    }

    @Test func `what the parts throw is told, and status 1`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/c.yml"
        try "server: {port: 0}\n".write(toFile: path, atomically: true, encoding: .utf8)
        defer { withExtendedLifetime(folder) {} }
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            [path = path as String] in
            await Application.serve(configFile: path) { _ in throw NoDatabase() }
        }
        #expect(result?.standardErrorContent == Array("\(NoDatabase())\n".utf8))
    }
}
