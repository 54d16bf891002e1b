import Baton
import ContextPool
import EventServer
import Foundation
import HTTPTypes
import Synchronization
import TestSupport
import Testing

@testable import Middleware

@Suite struct SessionMiddlewareTests {
    static let key = "a-session-key-of-at-least-32-bytes"
    static let other = "another-session-key-of-32-bytes-or-more"

    private final class Clock: Sendable {
        let now = Mutex(1_700_000_000)

        func advance(_ seconds: Int) { now.withLock { $0 += seconds } }
    }

    private let exchange: TestExchange
    private let clock = Clock()

    init() throws { exchange = try TestExchange() }

    private func middleware(_ more: String = "", keys: [String] = [key]) throws -> SessionMiddleware {
        let keys = keys.map { "\"\($0)\"" }.joined(separator: ",")
        return try SessionMiddleware(options: options("{\"keys\": [\(keys)]\(more)}")) { [clock] in
            clock.now.withLock { $0 }
        }
    }

    /// The whole `Set-Cookie` of the response, and its text.
    private func send(
        _ cookies: [String] = [],
        to middleware: SessionMiddleware,
        name: String = "__Host-session",
        _ handler: @escaping @Sendable (Session) throws -> String = { $0["user"] ?? "nobody" }
    ) async throws -> (text: String, cookie: String?, response: Response) {
        let fields = cookies.isEmpty ? [] : ["Cookie: " + cookies.map { "\(name)=\($0)" }.joined(separator: "; ")]
        let response = await exchange.send(try .test(fields: fields), through: [middleware]) { _, context in
            .text(try handler(try context.session))
        }
        return (response.text, response.headers[.setCookie], response)
    }

    private func value(_ cookie: String?) throws -> String {
        let cookie = try #require(cookie)
        let pair = try #require(cookie.split(separator: ";").first)
        return String(try #require(pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).last))
    }

    private func signIn(_ middleware: SessionMiddleware, as user: String = "alice") async throws -> String {
        try value(
            try await send(to: middleware) { session in
                try session.set("user", to: user)
                return ""
            }
            .cookie
        )
    }

    private static let places = [#", "store": "cookie""#, #", "store": "server""#]

    @Test(arguments: places)
    func `what is set in one request is there in the next`(_ place: String) async throws {
        let middleware = try middleware(place)
        let cookie = try await signIn(middleware)
        #expect(!cookie.contains("alice"))
        let next = try await send([cookie], to: middleware)
        #expect(next.text == "alice")
        #expect(next.cookie == nil)
    }

    @Test func `the cookie is for https, this host and no script, and is not to be cached`() async throws {
        let middleware = try middleware()
        let first = try await send(to: middleware) { session in
            try session.set("user", to: "alice")
            return ""
        }
        #expect(first.cookie?.hasPrefix("__Host-session=") == true)
        #expect(first.cookie?.hasSuffix("; Path=/; HttpOnly; SameSite=Lax; Secure") == true)
        #expect(first.response.headers[.cacheControl] == "no-store")
        let plain = try self.middleware(#", "secure": false, "sameSite": "strict", "persistent": true"#)
        let second = try await send(to: plain) { session in
            try session.set("user", to: "alice")
            return ""
        }
        #expect(second.cookie?.hasPrefix("session=") == true)
        #expect(second.cookie?.hasSuffix("; Path=/; HttpOnly; SameSite=Strict; Max-Age=1800") == true)
    }

    @Test func `who has no session gets no cookie`() async throws {
        let first = try await send(to: try middleware())
        #expect(first.text == "nobody")
        #expect(first.cookie == nil)
        #expect(first.response.headers[.cacheControl] == nil)
    }

    @Test(arguments: places)
    func `a cookie that was changed anywhere is as good as none, and is taken away`(_ place: String) async throws {
        let middleware = try middleware(place)
        let cookie = try await signIn(middleware)
        var forged = [
            "", "x", "=", "\"\(cookie)\"", "AQ", String(cookie.dropLast()), cookie + "A", "A" + cookie, cookie + "=",
        ]
        forged += ["\(cookie).\(cookie)", String(repeating: "A", count: 4000), String(cookie.reversed())]
        for index in cookie.indices {
            var changed = cookie
            changed.replaceSubrange(index...index, with: cookie[index] == "A" ? "B" : "A")
            // The last character has bits that count for nothing.
            if changed != cookie, index != cookie.indices.last { forged.append(changed) }
        }
        for forgery in forged {
            let response = try await send([forgery], to: middleware)
            #expect(response.text == "nobody", "\(forgery)")
            #expect(response.cookie?.contains("=; Path=/; ") == true)
            #expect(response.cookie?.hasSuffix("Max-Age=0") == true)
        }
    }

    @Test func `a cookie of another name, place or key is as good as none`() async throws {
        let cookie = try await signIn(try middleware())
        for other in [
            try middleware(keys: [Self.other]), try middleware(#", "store": "server""#),
        ] {
            #expect(try await send([cookie], to: other).text == "nobody")
        }
        let renamed = try middleware(#", "cookie": "other""#)
        #expect(try await send([cookie], to: renamed, name: "other").text == "nobody")
    }

    @Test func `of several cookies the one that is valid counts`() async throws {
        let middleware = try middleware()
        let cookie = try await signIn(middleware)
        #expect(try await send(["planted", cookie], to: middleware).text == "alice")
        #expect(try await send([cookie, "planted"], to: middleware).text == "alice")
        let many = Array(repeating: "planted", count: 8)
        #expect(try await send(many + [cookie], to: middleware).text == "nobody")
    }

    @Test func `the first key seals, all open, and an old one is replaced`() async throws {
        let cookie = try await signIn(try middleware(keys: [Self.other]))
        let rotated = try middleware(keys: [Self.key, Self.other])
        let answer = try await send([cookie], to: rotated)
        #expect(answer.text == "alice")
        let renewed = try value(answer.cookie)
        #expect(try await send([renewed], to: try middleware()).text == "alice")
        #expect(try await send([renewed], to: try middleware(keys: [Self.other])).text == "nobody")
    }

    @Test(arguments: places)
    func `a session ends after its idle time, which each request begins anew`(_ place: String) async throws {
        let middleware = try middleware(#"\#(place), "idle": "100s", "lifetime": "1000s""#)
        var cookie = try await signIn(middleware)
        clock.advance(9)
        #expect(try await send([cookie], to: middleware).cookie == nil)
        for _ in 0..<5 {
            clock.advance(90)
            let answer = try await send([cookie], to: middleware)
            #expect(answer.text == "alice")
            cookie = try value(answer.cookie)
        }
        clock.advance(100)
        #expect(try await send([cookie], to: middleware).text == "nobody")
    }

    @Test(arguments: places)
    func `a session ends after its lifetime, however busy`(_ place: String) async throws {
        let middleware = try middleware(#"\#(place), "idle": "100s", "lifetime": "250s""#)
        var cookie = try await signIn(middleware)
        for second in [80, 160, 240] {
            clock.advance(80)
            let answer = try await send([cookie], to: middleware) { session in
                try session.set("n", to: second)
                return session["user"] ?? "nobody"
            }
            #expect(answer.text == "alice")
            cookie = try value(answer.cookie)
        }
        clock.advance(10)
        #expect(try await send([cookie], to: middleware).text == "nobody")
    }

    @Test(arguments: places)
    func `a renewed session keeps its values, and its old cookie opens nothing`(_ place: String) async throws {
        let middleware = try middleware(place)
        let planted = try await signIn(middleware, as: "guest")
        let answer = try await send([planted], to: middleware) { session in
            try session.renew()
            try session.set("admin", to: true)
            return session["user"] ?? "nobody"
        }
        #expect(answer.text == "guest")
        let renewed = try value(answer.cookie)
        #expect(try await send([planted], to: middleware).text == "nobody")
        #expect(try await send([renewed], to: middleware).text == "guest")
    }

    @Test(arguments: places)
    func `after the end of a session its old cookies open nothing`(_ place: String) async throws {
        let middleware = try middleware(place)
        let cookie = try await signIn(middleware)
        let answer = try await send([cookie], to: middleware) { session in
            try session.destroy()
            return session["user"] ?? "nobody"
        }
        #expect(answer.text == "nobody")
        #expect(answer.cookie?.hasSuffix("Max-Age=0") == true)
        #expect(try await send([cookie], to: middleware).text == "nobody")
        // A reload of the configuration makes another instance.
        #expect(try await send([cookie], to: try self.middleware(place)).text == "nobody")
    }

    @Test func `a request that runs while its session is ended does not bring it back`() async throws {
        for place in Self.places {
            let middleware = try middleware(place)
            let cookie = try await signIn(middleware)
            let request = try Request.test(fields: ["Cookie: __Host-session=\(cookie)"])
            let answer = await exchange.send(request, through: [middleware]) { [self] _, context in
                let session = try context.session
                _ = try await send([cookie], to: middleware) { other in
                    try other.destroy()
                    return ""
                }
                try session.set("user", to: "mallory")
                return .text("")
            }
            #expect(answer.headers[.setCookie] == nil)
            #expect(try await send([cookie], to: middleware).text == "nobody")
        }
    }

    @Test(arguments: places)
    func `a request that is slower than a sign-in does not take the new cookie away`(_ place: String) async throws {
        let middleware = try middleware(place)
        let cookie = try await signIn(middleware, as: "guest")
        // So long that the cookie is due to be sent again.
        clock.advance(600)
        let request = try Request.test(fields: ["Cookie: __Host-session=\(cookie)"])
        let renewed = Mutex("")
        let slow = await exchange.send(request, through: [middleware]) { [self] _, context in
            let answer = try await send([cookie], to: middleware) { session in
                try session.renew()
                try session.set("user", to: "alice")
                return ""
            }
            let new = try value(answer.cookie)
            renewed.withLock { $0 = new }
            return .text("")
        }
        #expect(slow.headers[.setCookie] == nil)
        #expect(try await send([renewed.withLock { $0 }], to: middleware).text == "alice")
    }

    @Test func `an error of the handler does not undo what it did to the session`() async throws {
        let middleware = try middleware()
        let cookie = try await signIn(middleware)
        let answer = try await send([cookie], to: middleware) { session in
            try session.destroy()
            throw HTTPError(.badRequest)
        }
        #expect(answer.response.status == .badRequest)
        #expect(answer.cookie?.hasSuffix("Max-Age=0") == true)
        #expect(try await send([cookie], to: middleware).text == "nobody")
    }

    @Test func `what has no room is refused where it is set, and a cookie never has more than 4096 bytes`() async throws
    {
        let middleware = try middleware()
        let answer = try await send(to: middleware) { session in
            var count = 0
            while (try? session.set("v\(count)", to: String(repeating: "x", count: 50))) != nil { count += 1 }
            let error = #expect(throws: SessionError.self) {
                try session.set("more", to: [String](repeating: "y", count: 20))
            }
            #expect(error?.code == .tooLarge)
            #expect(error?.description.contains("store: server") == true)
            #expect(session["more"] == nil)
            return "\(count)"
        }
        let cookie = try value(answer.cookie)
        #expect((3900...4096).contains("__Host-session=\(cookie)".utf8.count))
        let last = "v\((Int(answer.text) ?? 0) - 1)"
        #expect(try await send([cookie], to: middleware) { $0[last] ?? "" }.text.count == 50)
        let server = try self.middleware(#", "store": "server""#)
        let large = try await send(to: server) { session in
            try session.set("v", to: String(repeating: "x", count: 60_000))
            #expect(throws: SessionError.self) { try session.set("w", to: String(repeating: "x", count: 10_000)) }
            return ""
        }
        #expect(try value(large.cookie).utf8.count < 100)
    }

    @Test func `the cookie of a streamed response is written before its head, and later changes are refused`()
        async throws
    {
        let middleware = try middleware()
        let codes = Mutex<[SessionError.Code]>([])
        let yaml = "chain: [session]\nmiddleware: {session: {keys: [\(Self.key)]}}"
        let answer = try await TestApplication.run(yaml: yaml) { app in
            app.router.get("/stream") { _, context in
                try context.session.set("user", to: "alice")
                let body = ResponseBody.stream(length: 4) { writer in
                    do {
                        try RequestContext.require().session.set("user", to: "bob")
                    } catch let error as SessionError {
                        codes.withLock { $0.append(error.code) }
                    }
                    try await writer.write(Array("body".utf8))
                }
                return Response(status: .ok, body: body)
            }
        } _: { app in
            try await app.request("GET /stream")
        }
        #expect(answer.status == 200)
        #expect(codes.withLock { $0 } == [.tooLate])
        let cookie = try value(answer.headers["set-cookie"])
        clock.now.withLock { $0 = Int(Date.now.timeIntervalSince1970) }
        #expect(try await send([cookie], to: middleware).text == "alice")
    }

    @Test func `a job has no session, and is told what to do`() async throws {
        let middleware = try middleware()
        let cookie = try await signIn(middleware)
        let request = try Request.test(fields: ["Cookie: __Host-session=\(cookie)"])
        let answer = await exchange.send(request, through: [middleware]) { _, context in
            let error = try await context.pool
                .submit { () -> SessionError? in
                    do throws(SessionError) {
                        _ = try RequestContext.current?.session
                        return nil
                    } catch {
                        return error
                    }
                }
                .value
            #expect(error?.code == .noSession)
            #expect(error?.description.contains("does not travel") == true)
            return .text(try context.session["user"] ?? "nobody")
        }
        #expect(answer.text == "alice")
    }

    @Test func `without the middleware there is no session`() async throws {
        let answer = await exchange.send(try .test()) { _, context in
            #expect(throws: SessionError.self) { try context.session }
            return .text("ok")
        }
        #expect(answer.text == "ok")
    }

    @Test func `values have types, and a wrong one is an error`() async throws {
        struct Cart: Codable, Equatable { var items: [Int] }
        let middleware = try middleware()
        let cookie = try value(
            try await send(to: middleware) { session in
                try session.set("cart", to: Cart(items: [7, 8]))
                try session.set("count", to: 2)
                #expect(throws: SessionError.self) { try session.set("bad", to: Double.nan) }
                return ""
            }
            .cookie
        )
        _ = try await send([cookie], to: middleware) { session in
            #expect(try session.value("cart") == Cart(items: [7, 8]))
            #expect(try session.value("count", as: Int.self) == 2)
            #expect(try session.value("nothing", as: Int.self) == nil)
            #expect(throws: DecodingError.self) { try session.value("count", as: Cart.self) }
            #expect(session["count"] == nil)
            try session.remove("count")
            #expect(try session.value("count", as: Int.self) == nil)
            return ""
        }
    }

    @Test(arguments: [
        (#"{"keys": []}"#, "keys"), (#"{"keys": ["short"]}"#, "keys.0"),
        (#"{"keys": ["KEY", "KEY"]}"#, "keys.1"), (#"{"keys": ["KEY"], "cookie": "a b"}"#, "cookie"),
        (#"{"keys": ["KEY"], "cookie": ""}"#, "cookie"), (#"{"keys": ["KEY"], "cookie": "a=b"}"#, "cookie"),
        (#"{"keys": ["KEY"], "cookie": "__Host-a", "secure": false}"#, "cookie"),
        (#"{"keys": ["KEY"], "sameSite": "none", "secure": false}"#, "sameSite"),
        (#"{"keys": ["KEY"], "idle": "2h", "lifetime": "1h"}"#, "idle"),
        (#"{"keys": ["KEY"], "idle": "500ms"}"#, "idle"), (#"{"keys": ["KEY"], "lifetime": "500d"}"#, "lifetime"),
    ])
    func `options that make no sense stop the start`(_ json: String, _ key: String) throws {
        let json = json.replacing("KEY", with: Self.key)
        let error = try #require(throws: OptionsError.self) { try SessionMiddleware(options: options(json)) }
        #expect(error.key == key)
        #expect(!error.description.contains(Self.key))
    }
}
