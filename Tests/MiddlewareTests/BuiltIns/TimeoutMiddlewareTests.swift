import Baton
import ContextPool
import EventServer
import HTTPTypes
import TestSupport
import Testing

@testable import Middleware

@Suite struct TimeoutMiddlewareTests {
    /// A limit that is never up, or at once.
    private func timeout(isUp: Bool = false) -> TimeoutMiddleware {
        TimeoutMiddleware(limit: .seconds(5)) { _ in
            guard !isUp else { return }
            await untilCancelled()
            throw CancellationError()
        }
    }

    @Test func `an answer in time is passed on`() async throws {
        let response = try await TestExchange().send(.test(), through: [timeout()])
        #expect(response.text == "ok")
    }

    @Test func `an error in time is passed on`() async throws {
        let response = try await TestExchange()
            .send(.test(), through: [timeout()]) { _, _ in
                throw HTTPError(.conflict)
            }
        #expect(response.status == .conflict)
    }

    @Test func `when the time is up the client gets 504, and the handler and its jobs are cancelled`() async throws {
        let ended = Gate()
        let response = try await TestExchange()
            .send(.test(), through: [timeout(isUp: true)]) { _, context in
                await untilCancelled()
                #expect(context.isCancelled)
                ended.open()
                throw CancellationError()
            }
        #expect(response.status == .gatewayTimeout)
        #expect(response.text.contains("5.0 seconds"))
        #expect(ended.isOpen)
    }

    @Test func `the context is the same within`() async throws {
        let response = try await TestExchange()
            .send(.test(), through: [timeout()]) { _, context in
                .text(RequestContext.current === context ? "same" : "another")
            }
        #expect(response.text == "same")
    }

    @Test(arguments: ["{}", #"{"after": "0s"}"#, #"{"after": "soon"}"#])
    func `options without a time are refused`(_ json: String) {
        #expect(throws: ConfigurationError.self) { try options(json, as: TimeoutMiddleware.Options.self) }
    }
}
