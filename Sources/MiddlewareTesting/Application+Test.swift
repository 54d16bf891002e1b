public import Baton

extension Application {
    /// Runs the application for a test, and stops it.
    ///
    /// ```swift
    /// @Test(arguments: TestDepth.allCases) func itGreets(depth: TestDepth) async throws {
    ///     var app = try await Application(yaml: "chain: [request-id]")
    ///     app.router.get("/hello") { _, _ in .text("Hello!") }
    ///     try await app.test(depth) { client in
    ///         let response = try await client.get("/hello")
    ///         #expect(response.text == "Hello!")
    ///     }
    /// }
    /// ```
    ///
    /// The middleware is checked and started as at the start of a server, and stopped afterwards. It knows no test framework.
    ///
    /// - Parameters:
    ///   - depth: Whether over a socket; the answers are the same.
    ///   - body: The test.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws. `ConfigurationError` or `RouterError`, with all mistakes, where the application would not start.
    public func test<Output>(
        _ depth: TestDepth = .inProcess,
        _ body: (TestClient) async throws -> Output
    ) async throws -> Output {
        switch depth {
        case .inProcess:
            try await withoutServer { exchange in try await body(TestClient(to: .exchange(exchange))) }
        case .overSocket:
            try await withServer { address in try await body(TestClient(to: .server(address))) }
        }
    }
}
