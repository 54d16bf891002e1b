import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

@Suite struct SessionMiddlewareCachingTests {
    @Test(arguments: [
        ("public, max-age=60", "no-store"), ("max-age=60", "no-store"), ("s-maxage=9", "no-store"),
        ("private, max-age=60", "private, max-age=60"), ("No-Store", "No-Store"), ("x-private=1", "no-store"),
    ])
    func `no cache that others read may keep an answer with a cookie`(_ said: String, _ sent: String) async throws {
        let session = try SessionMiddleware(options: options("{\"keys\": [\"\(SessionMiddlewareTests.key)\"]}"))
        let exchange = try TestExchange()
        let answer = await exchange.send(try .test(), through: [session]) { _, context in
            try context.session.set("user", to: "alice")
            return Response(status: .ok, headers: [.cacheControl: said], body: [])
        }
        #expect(answer.headers[.setCookie] != nil)
        #expect(answer.headers[.cacheControl] == sent)
        let plain = await exchange.send(try .test(), through: [session]) { _, _ in
            Response(status: .ok, headers: [.cacheControl: said], body: [])
        }
        #expect(plain.headers[.cacheControl] == said)
    }
}
