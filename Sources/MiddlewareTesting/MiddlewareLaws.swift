import Baton
import ContextPool
import EventServer
import Logging
public import Middleware

/// Tests any middleware against the laws of the seam.
///
/// ```swift
/// @Test func itKeepsTheLaws() async throws {
///     let breaches = try await MiddlewareLaws.breaches(of: TenantMiddleware.self, yaml: "header: x-shop")
///     #expect(breaches == [])
/// }
/// ```
///
/// It knows no test framework: with XCTest it is `XCTAssertEqual(breaches, [])`. Nothing is opened but what the middleware opens.
public enum MiddlewareLaws {
    /// What a middleware is tried with unless the test says otherwise.
    public static let requests = [
        TestRequest(), TestRequest("GET", "/sample?page=2", headers: ["Accept": "text/html"]),
        TestRequest("POST", "/sample", headers: ["Content-Type": "text/plain"], body: "a body of some bytes"),
    ]

    /// Starts a plug-in as the server does, tests it, and stops it.
    ///
    /// - Parameters:
    ///   - plugin: The type.
    ///   - options: Its options.
    ///   - requests: What it is tried with; at least one must come to the handler.
    ///   - spared: Laws that it breaks on purpose, such as ``MiddlewareLaw/leavesTheRequestBody`` by one that reads forms.
    /// - Returns: The laws that it breaks, each with what was seen; none where it keeps all.
    /// - Throws: What is wrong with the options, and what the plug-in throws when it is created or started.
    public static func breaches<Plugin: MiddlewarePlugin>(
        of plugin: Plugin.Type,
        options: Plugin.Options,
        requests: [TestRequest] = requests,
        sparing spared: Set<MiddlewareLaw> = []
    ) async throws -> [LawBreach] {
        if let mistake = Plugin.validate(options).first { throw mistake }
        var plugin = try Plugin(options: options)
        let app = try makeApp()
        try await plugin.start(in: PluginSetup(name: Plugin.name, app: app, logger: app.values.logger))
        let breaches = await breaches(of: plugin, in: app, requests, sparing: spared)
        await plugin.stop()
        _ = await app.pool.shutDown(.finishPending)
        return breaches
    }

    /// Starts a plug-in with options as `config.yml` has them, tests it, and stops it.
    ///
    /// - Parameters:
    ///   - plugin: The type.
    ///   - yaml: What stands below the name of the plug-in.
    ///   - requests: What it is tried with; at least one must come to the handler.
    ///   - spared: Laws that it breaks on purpose.
    /// - Returns: The laws that it breaks, each with what was seen; none where it keeps all.
    /// - Throws: `ConfigurationError` for the options, and what the plug-in throws when it is created or started.
    public static func breaches<Plugin: MiddlewarePlugin>(
        of plugin: Plugin.Type,
        yaml: String,
        requests: [TestRequest] = requests,
        sparing spared: Set<MiddlewareLaw> = []
    ) async throws -> [LawBreach] {
        try await breaches(of: plugin, options: Plugin.options(yaml: yaml), requests: requests, sparing: spared)
    }

    /// Tests a middleware.
    ///
    /// - Parameters:
    ///   - middleware: The middleware, started where it needs to be.
    ///   - requests: What it is tried with; at least one must come to the handler.
    ///   - spared: Laws that it breaks on purpose.
    /// - Returns: The laws that it breaks, each with what was seen; none where it keeps all.
    /// - Throws: `ContextPoolError` where no thread can be had.
    public static func breaches(
        of middleware: any Middleware,
        requests: [TestRequest] = requests,
        sparing spared: Set<MiddlewareLaw> = []
    ) async throws -> [LawBreach] {
        let app = try makeApp()
        let breaches = await breaches(of: middleware, in: app, requests, sparing: spared)
        _ = await app.pool.shutDown(.finishPending)
        return breaches
    }

    private static func breaches(
        of middleware: any Middleware,
        in app: AppContext,
        _ requests: [TestRequest],
        sparing spared: Set<MiddlewareLaw>
    ) async -> [LawBreach] {
        let trial = LawTrial(middleware: middleware, app: app)
        for request in requests {
            await trial.passesRequests(request)
            await trial.passesErrors(request)
            await trial.streams(request)
        }
        await trial.keepsApart(requests)
        return trial.breaches.filter { !spared.contains($0.law) }
    }

    private static func makeApp() throws(ContextPoolError) -> AppContext {
        var values = ContextValues()
        values.logger = Logger(label: "laws") { _ in SwiftLogNoOpLogHandler() }
        return AppContext(name: "laws", pool: try ContextPool(workers: 1), values: values)
    }
}
