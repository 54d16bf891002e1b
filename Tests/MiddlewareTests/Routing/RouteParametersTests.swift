import ContextPool
import EventServer
import HTTPTypes
import Logging
import Middleware
import TestSupport
import Testing

@Suite struct RouteParametersTests {
    /// What the route `/items/{id}` says of a path.
    private func item(_ path: String, _ handler: @escaping Handler) async throws -> Response {
        var router = Router()
        router.get("/items/{id}", handler)
        return try await TestExchange().send(.test(path), router.makeHandler())
    }

    @Test func `a parameter is read as the type that is asked for`() async throws {
        let response = try await item("/items/-7") { _, context in
            .text("\(try context.parameters.require("id", as: Int.self) + 1) \(context.parameters["id"] ?? "")")
        }
        #expect(response.text == "-6 -7")
    }

    @Test(arguments: ["seven", "7.5", "99999999999999999999", "0x7", "%37%20"])
    func `a text that is no such value is the client's mistake`(_ text: String) async throws {
        let response = try await item("/items/\(text)") { _, context in
            .text("\(try context.parameters.require("id", as: Int.self))")
        }
        #expect(response.status == .badRequest)
        #expect(response.text.contains("\"id\""))
        #expect(!response.text.contains(text))
    }

    @Test func `a name that the route does not have is the program's mistake, and is logged`() async throws {
        let exchange = try TestExchange()
        var router = Router()
        router.get("/items/{id}") { _, context in .text(try context.parameters.require("name")) }
        let response = try await exchange.send(.test("/items/7"), router.makeHandler())
        #expect(response.status == .internalServerError)
        #expect(exchange.logs.lines.contains { $0.level == .error })
        #expect(exchange.logs.lines.first?.metadata["error"]?.contains("name") == true)
    }

    @Test func `a request of a route without parameters has none`() async throws {
        var router = Router()
        router.get("/items") { _, context in .text(context.parameters["id"] ?? "none") }
        let response = try await TestExchange().send(.test("/items"), router.makeHandler())
        #expect(response.text == "none")
    }

    @Test func `a job reads the parameters of its request`() async throws {
        let response = try await item("/items/7") { _, context in
            .text(try await context.pool.submit { try RequestContext.require().parameters.require("id") }.value)
        }
        #expect(response.text == "7")
    }

    private struct Item: Decodable {
        var shop: String
        var id: Int
        var rest: String?
    }

    @Test(arguments: [
        ("/a%20b/7/", 200, "a b 7 "), ("/a/-7/x/y", 200, "a -7 x/y"),
        ("/a/seven/x", 400, "\"id\" must be a whole number"),
        ("/a/99999999999999999999/x", 400, "path parameter \"id\""),
    ])
    func `all parameters are decoded into a type, and a mistake names its parameter`(
        _ path: String,
        _ status: Int,
        _ expected: String
    ) async throws {
        var router = Router()
        router.get("/{shop}/{id}/{rest...}") { _, context in
            let item = try context.parameters.decode(Item.self)
            return .text("\(item.shop) \(item.id) \(item.rest ?? "none")")
        }
        let response = try await TestExchange().send(.test(path), router.makeHandler())
        #expect(response.status.code == status)
        #expect(status == 200 ? response.text == expected : response.text.contains(expected))
    }

    @Test func `a type that wants what the route does not have is told so`() async throws {
        var router = Router()
        router.get("/{shop}") { _, context in .text("\(try context.parameters.decode(Item.self))") }
        let response = try await TestExchange().send(.test("/a"), router.makeHandler())
        #expect(response.status == .internalServerError)
        #expect(response.text.contains("\"id\""))
    }
}
