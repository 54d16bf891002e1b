import ContextPool
import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

@Suite struct HealthMiddlewareTests {
    private struct Broken: Error, CustomStringConvertible { let description = "password refused" }

    private let exchange: TestExchange
    private let checks = HealthChecks()

    init() throws { exchange = try TestExchange(healthChecks: checks) }

    private func get(_ target: String, _ json: String = "{}", method: String = "GET") async throws -> Response {
        await exchange.send(
            try .test(target, method: method),
            through: [try HealthMiddleware(options: options(json))]
        )
    }

    @Test func `it lives while it answers, whatever the checks find`() async throws {
        checks.add("database") { throw Broken() }
        let response = try await get("/health/live")
        #expect(response.status == .ok)
        #expect(response.text == #"{"status":"ok"}"#)
        #expect(response.header("cache-control") == "no-store")
    }

    @Test func `it is ready when no check finds fault`() async throws {
        #expect(try await get("/health/ready").status == .ok)
        checks.add("database") {}
        #expect(try await get("/health/ready").text == #"{"checks":{"database":"ok"},"status":"ok"}"#)
    }

    @Test func `who is not ready says which check, and only the log says why`() async throws {
        checks.add("database") { throw Broken() }
        let response = try await get("/health/ready")
        #expect(response.status == .serviceUnavailable)
        #expect(response.text == #"{"checks":{"database":"failed"},"status":"failed"}"#)
        let line = exchange.logs.lines.first { $0.message == "not ready" }
        #expect(line?.metadata["error"] == "password refused")
    }

    @Test func `other paths and methods go on`() async throws {
        #expect(try await get("/health").text == "ok")
        #expect(try await get("/health/live", method: "POST").text == "ok")
        #expect(try await get("/alive", #"{"live": "/alive"}"#).text == #"{"status":"ok"}"#)
    }

    @Test(arguments: ["live", "ready"])
    func `a path that no request can have is refused`(_ key: String) throws {
        let error = try #require(throws: OptionsError.self) {
            try HealthMiddleware(options: options("{\"\(key)\": \"health\"}"))
        }
        #expect(error.key == key)
    }
}
