import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

/// The samples of `docs/responses.md`.
@Suite struct ResponseSamplesTests {
    @Test func `the samples compile, and answer`() async throws {
        var router = Router()

        router.get("/manual") { request, _ in
            try .file("/srv/shop/manual.pdf", for: request)
        }

        router.get("/prices") { request, _ in
            let prices = #"{"pen":1.5}"#
            return Response.text(prices).conditional(on: request, etag: EntityTag("prices-7"))
        }

        router.get("/numbers") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/plain"],
                body: .stream { writer in
                    for number in 1...1_000_000 { try await writer.write("\(number)\n") }
                }
            )
        }

        router.get("/ticks") { _, context in
            .events { stream in
                for tick in 1... {
                    try await stream.send(ServerSentEvent("\(tick)", name: "tick", id: "\(tick)"))
                    try await Task.sleep(for: .seconds(1))
                }
            }
        }

        let handler = try router.makeHandler()
        let exchange = try TestExchange()
        #expect(try await exchange.send(.test("/manual"), handler).status == .notFound)
        let prices = try await exchange.send(.test("/prices"), handler)
        #expect(prices.text == #"{"pen":1.5}"#)
        #expect(prices.headers[.eTag] == "\"prices-7\"")
        #expect(try await exchange.send(.test("/numbers"), handler).body.isStream)
        #expect(try await exchange.send(.test("/ticks"), handler).headers[.contentType] == "text/event-stream")
    }
}
