import ContextPool
import EventServer
import Foundation
import HTTPTypes
import Synchronization
import TestSupport
import Testing

@testable import Middleware

@Suite struct AuthMiddlewarePasswordsTests {
    private let exchange: TestExchange

    init() throws { exchange = try TestExchange() }

    private func auth(_ more: String = "", now: @escaping @Sendable () -> Duration = { .zero }) throws -> AuthMiddleware
    {
        try AuthMiddleware(
            options: options(
                """
                {"users": {"alice": "\(PasswordHashTests.bcrypt)", "bob": "\(PasswordHashTests.sha512)", \
                "zoë": "\(PasswordHashTests.colon)"}\(more)}
                """
            ),
            now: now,
            date: { 0 }
        )
    }

    private func send(_ pair: String, to auth: AuthMiddleware? = nil) async throws -> Response {
        try await send(field: "Basic \(Data(pair.utf8).base64EncodedString())", to: auth)
    }

    private func send(field: String, to auth: AuthMiddleware? = nil) async throws -> Response {
        try await exchange.send(.test(fields: ["Authorization: \(field)"]), through: [auth ?? self.auth()]) {
            _,
            context in
            let user = context.g.user
            return .text("\(user?.id ?? "") \(user?.method == .password) \(user?.roles.sorted() ?? [])")
        }
    }

    @Test func `name and password name the user, with the roles of the options`() async throws {
        #expect(try await send("alice:open sesame").text == "alice true []")
        #expect(try await send("bob:open sesame").text == "bob true []")
        #expect(try await send("zoë:p:wörd").text == "zoë true []")
        let auth = try auth(#", "roles": {"alice": ["admin"]}, "scopes": {"alice": ["a"]}"#)
        #expect(try await send("alice:open sesame", to: auth).text == #"alice true ["admin"]"#)
        #expect(try await send("bob:open sesame", to: auth).text == "bob true []")
    }

    @Test func `the name ends at the first colon, whatever follows it`() async throws {
        let hash = "$6$abcdefgh$/XmQ7P9P2UPIAY.bCz9nXfHHm17w6uQNs/dw9qmyC6ulXE8PWTZsWwtPMjG1crpL7Y8uXIU56AxvS1mIRBeMI."
        let auth = try AuthMiddleware(options: options("{\"users\": {\"dan\": \"\(hash)\"}}"))
        #expect(try await send("dan:\u{301}x", to: auth).text == "dan true []")
    }

    @Test(arguments: [
        "alice:open sesam", "alice:open sesame ", "alice:", "alice", ":", ":open sesame", "Alice:open sesame",
        "carol:open sesame", "alice:open sesame\0", "alice:\0", "alice:open sesame\0x",
        "alice:\(String(repeating: "x", count: 73))",
        "alice:\(String(repeating: "x", count: 9000))", "zoë:p", "alice:open sesame\n", "bob:bob", "",
    ])
    func `anything else is 401 with a challenge`(_ pair: String) async throws {
        let response = try await send(pair)
        #expect(response.status == .unauthorized)
        #expect(response.headers[.wwwAuthenticate] == "Basic realm=\"baton\", charset=\"UTF-8\"")
    }

    @Test(arguments: [
        "Basic", "Basic ", "Basic !", "Basic YWxpY2U6b3BlbiBzZXNhbWU", "Basic YWxpY2U6b3BlbiBzZXNhbW", "Basic /w==",
        "Basic YWxpY2U6b3BlbiBzZXNhbWU= x", "Bearer YWxpY2U6b3BlbiBzZXNhbWU=", "basic\tYWxpY2U6b3BlbiBzZXNhbWU=",
    ])
    func `what is encoded wrongly is 401`(_ field: String) async throws {
        #expect(try await send(field: field).status == .unauthorized)
    }

    @Test func `with tokens beside it both are offered, in a field each`() async throws {
        let auth = try auth(#", "secret": "\#(AuthMiddlewareTests.secret)", "realm": "my shop""#)
        let response = try await exchange.send(.test(), through: [auth])
        #expect(
            response.headers[values: .wwwAuthenticate]
                == ["Bearer realm=\"my shop\"", "Basic realm=\"my shop\", charset=\"UTF-8\""]
        )
        #expect(response.text.contains("a bearer token or name and password"))
    }

    @Test func `a password is hashed on the pool, and not again for five minutes once it was right`() async throws {
        let clock = Mutex(Duration.zero)
        let auth = try auth(now: { clock.withLock { $0 } })
        #expect(try await send("alice:open sesame", to: auth).status == .ok)
        await exchange.app.pool.shutDown(.finishPending)
        #expect(try await send("alice:open sesame", to: auth).status == .ok)
        // What the pool must look at, it refuses now: a wrong password, another name, and the right one in five minutes.
        for pair in ["alice:open sesam", "bob:open sesame", "nobody:open sesame"] {
            #expect(try await send(pair, to: auth).status == .serviceUnavailable, "\(pair)")
        }
        clock.withLock { $0 = .seconds(300) }
        #expect(try await send("alice:open sesame", to: auth).status == .serviceUnavailable)
    }

    @Test func `a name that nobody has is hashed like one that somebody has`() async throws {
        // Without a pool both are refused for that reason alone: neither is answered without the work.
        await exchange.app.pool.shutDown(.finishPending)
        #expect(try await send("nobody:x").status == .serviceUnavailable)
        #expect(try await send("alice:x").status == .serviceUnavailable)
    }

    @Test func `only so many passwords are checked at once`() async throws {
        let gate = Gate()
        let exchange = try TestExchange(workers: 1, queueLimit: 100)
        let held = try exchange.app.pool.submit { gate.wait() }
        let auth = try auth()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<33 {
                let field = "Basic \(Data("alice:\(number)".utf8).base64EncodedString())"
                group.addTask {
                    try await exchange.send(.test(fields: ["Authorization: \(field)"]), through: [auth]).status.code
                }
            }
            let first = try await group.next()
            gate.open()
            return try await group.reduce(into: [first]) { $0.append($1) }
        }
        try await held.value
        #expect(statuses.first == 503)
        #expect(statuses.filter { $0 == 401 }.count == 32)
    }
}
