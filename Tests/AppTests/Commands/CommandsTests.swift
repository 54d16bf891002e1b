import Baton
import Foundation
import Middleware
import Testing

@testable import App

/// The commands, run as processes: what a stranger sees.
@Suite(.timeLimit(.minutes(2))) struct CommandsTests {
    @Test func checkSaysThatAFileIsInOrder() async throws {
        let result = try await BatonProcess.run(["check"], config: DemoApplication.yaml)
        #expect(result.status == 0)
        #expect(result.output == "config.yml is in order. Chain: request-id -> access-log -> auth -> g -> handler\n")
        #expect(result.errors.isEmpty)
    }

    @Test func checkNamesFileLineColumnAndWhatWasMeant() async throws {
        let config = """
            server:
              prot: 80
            chain: [request-id]
            """
        let result = try await BatonProcess.run(["check"], config: config)
        #expect(result.status == 1)
        #expect(result.errors.hasPrefix("config.yml:2:3: server.prot: unknown key; did you mean \"port\"?"))
        #expect(result.output.isEmpty)
    }

    @Test func aMisspeltMiddlewareStopsTheStart() async throws {
        let result = try await BatonProcess.run(["--port", "0"], config: "chain: [request-id, acces-log]")
        #expect(result.status == 1)
        #expect(result.errors.contains("unknown middleware \"acces-log\"; did you mean \"access-log\"?"))
        #expect(result.errors.contains("Known: \(MiddlewareRegistry.standard.names.joined(separator: ", "))."))
    }

    @Test func aMissingFileSaysWhatToDo() async throws {
        let result = try await BatonProcess.run(["serve"], config: nil)
        #expect(result.status == 1)
        #expect(result.errors.contains("config.yml: the file cannot be read. Name another one with --config"))
    }

    @Test func theEnvironmentWinsOverTheFileAndTheCommandLineOverBoth() async throws {
        let variables = ["BATON_LOG_LEVEL": "loud"]
        let wrong = try await BatonProcess.run(["check"], config: "", environment: variables)
        #expect(wrong.status == 1)
        #expect(wrong.errors.contains("BATON_LOG_LEVEL"))
        let right = try await BatonProcess.run(["check", "--log-level", "debug"], config: "", environment: variables)
        #expect(right.status == 0)
    }

    @Test func routesListsPathsAndMethods() async throws {
        let result = try await BatonProcess.run(["routes"], config: DemoApplication.yaml)
        #expect(result.status == 0)
        #expect(result.output.contains("POST    /orders/import\n"))
        #expect(result.output.contains("any     /echo\n"))
    }

    @Test func routesTellWhichRunOnThePool() {
        var router = Router()
        router.post("/b", on: .pool) { _, _ in .text("") }
        router.get("/a") { _, _ in .text("") }
        #expect(Routes.list(router) == "GET     /a\nPOST    /b  (on the pool)")
    }

    @Test func routesTellNamesHostsAndMiddleware() {
        struct Tenant: MiddlewarePlugin {
            static let name = "tenant"
            init(options: NoOptions) {}
            init() {}
            func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
                try await next(request, in: context)
            }
        }
        struct Pass: Middleware {
            func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
                try await next(request, in: context)
            }
        }
        var router = Router()
        router.group("/b", host: "Shop.test", middleware: [Tenant(), Pass()]) { group in
            group.put("/{id}", name: "item", on: .pool) { _, _ in .text("") }
        }
        router.get("/c", name: "c") { _, _ in .text("") }
        let item = "called item; for shop.test; through tenant -> Pass; on the pool"
        #expect(Routes.list(router) == "GET     /c  (called c)\nPUT     /b/{id}  (\(item))")
    }

    @Test func tokenPrintsATokenAndNothingElse() async throws {
        let result = try await BatonProcess.run(["token", "--user", "alice"], config: DemoApplication.yaml)
        #expect(result.status == 0)
        #expect(result.output.split(separator: ".").count == 3)
        let none = try await BatonProcess.run(["token", "--user", "alice"], config: "")
        #expect(none.status == 1)
        #expect(none.errors.contains("middleware.auth.secret"))
    }

    @Test func everyCommandHasHelp() async throws {
        for command in [[], ["serve"], ["check"], ["routes"], ["token"]] {
            let result = try await BatonProcess.run(command + ["--help"], config: nil)
            #expect(result.status == 0)
            #expect(result.output.contains("USAGE: baton"))
        }
    }

    @Test func theDemoSecretIsForThisMachineAlone() async throws {
        let arguments = ["--host", "0.0.0.0", "--port", "0"]
        let refused = try await BatonProcess.run(arguments, config: DemoApplication.yaml)
        #expect(refused.status == 1)
        #expect(refused.errors.hasPrefix("config.yml:3:36: middleware.auth.secret: this is the demo secret"))
        #expect(refused.errors.contains("BATON_MIDDLEWARE_AUTH_SECRET"))
        let checked = try await BatonProcess.run(["check", "--host", "0.0.0.0"], config: DemoApplication.yaml)
        #expect(checked.status == 1)
    }
}
