import ContextPool
import HTTPTypes
import Logging
import Middleware
import TestSupport
import Testing

@testable import EventServer

@Suite struct ErrorResponseTests {
    private struct Secret: Error, CustomStringConvertible {
        var description: String { "password=hunter2" }
    }

    private struct Teapot: HTTPResponseError {
        func makeResponse() -> Response { .text("short and stout", status: .init(code: 418)) }
    }

    private func answer(_ error: any Error) async throws -> (Response, LogRecorder) {
        let exchange = try TestExchange()
        let response = await exchange.send(try .test("/broken", method: "POST")) { _, _ in throw error }
        return (response, exchange.logs)
    }

    @Test func `an error that knows its response becomes that, and is no line in the log`() async throws {
        let (response, logs) = try await answer(Teapot())
        #expect(response.status.code == 418)
        #expect(response.text == "short and stout")
        #expect(logs.lines.isEmpty)
    }

    @Test func `an error of the server that knows its response is logged, too`() async throws {
        let (response, logs) = try await answer(HTTPError(.badGateway, "The shop does not answer."))
        #expect(response.status == .badGateway)
        #expect(logs.lines.map(\.level) == [.error])
        #expect(logs.lines.first?.metadata["error"]?.contains("The shop") == true)
    }

    @Test(arguments: [
        (RequestBodyError.tooLarge(limit: 5), 413), (.timedOut, 408), (.malformed(.chunkSize), 400), (.clientLeft, 400),
    ])
    func `a body that the client got wrong is the client's error`(_ error: RequestBodyError, _ status: Int) async throws
    {
        let (response, logs) = try await answer(error)
        #expect(response.status.code == status)
        #expect(response.text.contains(error.description))
        #expect(logs.lines.isEmpty)
    }

    @Test(arguments: [RequestBodyError.alreadyRead, .requestEnded])
    func `a body that the handler got wrong is 500`(_ error: RequestBodyError) async throws {
        let (response, logs) = try await answer(error)
        #expect(response.status == .internalServerError)
        #expect(logs.lines.count == 1)
    }

    @Test func `a job that has no time left is 504, and no fault of the server's`() async throws {
        let exchange = try TestExchange()
        let response = await exchange.send(try .test()) { _, context in
            try await context.pool.submit(within: .zero) { .text("ok") }.value
        }
        #expect(response.status == .gatewayTimeout)
        #expect(exchange.logs.lines.map(\.level) == [.warning])
    }

    @Test func `an unknown error shows nothing internal, and is logged with all of it`() async throws {
        let (response, logs) = try await answer(Secret())
        #expect(response.status == .internalServerError)
        #expect(response.text == "500 Internal Server Error\n")
        #expect(!"\(response.headers)".contains("hunter2"))
        let line = try #require(logs.lines.first)
        #expect(line.level == .error)
        #expect(line.metadata["error"] == "password=hunter2")
        #expect(line.metadata["method"] == "POST")
        #expect(line.metadata["path"] == "/broken")
    }

    @Test func `a full queue is 503 with Retry-After`() async throws {
        let exchange = try TestExchange(workers: 1, queueLimit: 1)
        let gate = Gate()
        defer { gate.open() }
        let response = await exchange.send(try .test()) { _, context in
            for _ in 0..<3 { try context.pool.submit { gate.wait() } }
            return .text("ok")
        }
        #expect(response.status == .serviceUnavailable)
        #expect(response.headers[.retryAfter] == "1")
        #expect(!response.text.contains("queue"))
        #expect(exchange.logs.lines.map(\.level) == [.warning])
    }

    @Test func `a pool that has shut down is 503`() async throws {
        let exchange = try TestExchange()
        await exchange.app.pool.shutDown(within: .seconds(20))
        let response = await exchange.send(try .test()) { _, context in
            try context.pool.submit { 1 }
            return .text("ok")
        }
        #expect(response.status == .serviceUnavailable)
    }

    @Test func `a request whose task was cancelled is no error of the application`() async throws {
        let exchange = try TestExchange()
        let task = Task {
            await exchange.send(try .test()) { _, _ in
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                try Task.checkCancellation()
                return .text("ok")
            }
        }
        #expect(try await task.value.status == .serviceUnavailable)
        #expect(exchange.logs.lines.allSatisfy { $0.level < .warning })
    }

    @Test func `a job that was cancelled by the handler is the application's error`() async throws {
        let (response, logs) = try await answer(CancellationError())
        #expect(response.status == .internalServerError)
        #expect(logs.lines.map(\.level) == [.error])
    }
}
