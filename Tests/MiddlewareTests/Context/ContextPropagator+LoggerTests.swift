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
}
