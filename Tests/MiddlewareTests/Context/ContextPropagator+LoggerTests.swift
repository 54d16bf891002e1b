import ContextPool
import EventServer
import HTTPTypes
import Logging
import Middleware
import TestSupport
import Testing

@Suite struct ContextPropagatorLoggerTests {
    @Test func `a plain job logs with the metadata that was merged into the current logger`() async throws {
        let exchange = try TestExchange()
        await exchange.send(try .test()) { _, context in
            var logger = context.logger
            logger[metadataKey: "order"] = "7"
            let future = try withLogger(logger) { _ in
                try context.pool.submit { Logger.current.info("in the job") }
            }
            try await future.value
            return .text("ok")
        }
        #expect(exchange.logs.lines.first { $0.message == "in the job" }?.metadata["order"] == "7")
    }

    @Test func `where nobody has bound a logger the job has none`() async throws {
        let exchange = try TestExchange()
        let label = try await exchange.app.pool.submit { Logger.current.label }.value
        #expect(label == Logger.current.label)
    }

    @Test func `where nobody has bound a logger, and where it is left out, lines go where all such lines go`()
        async throws
    {
        let pool = try TestExchange().app.pool
        let (handlers, handler) = AsyncStream.makeStream(of: String.self)
        @Sendable func current() -> String { "\(Logger.current.label) \(type(of: Logger.current.handler))" }
        let unbound = current()
        try pool.submit {}.whenComplete { _ in handler.yield(current()) }
        var iterator = handlers.makeAsyncIterator()
        #expect(await iterator.next() == unbound)
        for try await seen in try pool.map([1], { (_: Int) async throws in current() }) { #expect(seen == unbound) }
        let logger = Logger(label: "bound") { _ in SwiftLogNoOpLogHandler() }
        let alone = try withLogger(logger) { _ in try pool.submit(context: .appOnly) { current() } }
        #expect(try await alone.value == unbound)
    }
}
