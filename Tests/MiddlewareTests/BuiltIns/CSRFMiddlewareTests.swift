import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

@Suite struct CSRFMiddlewareTests {
    private func status(
        _ method: String = "POST",
        _ target: String = "/",
        _ fields: String...
    ) async throws -> Int {
        let csrf = try CSRFMiddleware(
            options: options(#"{"trustedOrigins": ["https://admin.example"], "exempt": ["/hook"]}"#)
        )
        return try await TestExchange().send(.test(target, method: method, fields: fields), through: [csrf]).status.code
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE", "MERGE"])
    func `what another site sends is refused where it could change something`(_ method: String) async throws {
        #expect(try await status(method, "/", "Sec-Fetch-Site: cross-site") == 403)
        #expect(try await status(method, "/", "Sec-Fetch-Site: same-site") == 403)
        #expect(try await status(method, "/", "Origin: https://evil.example") == 403)
        #expect(try await status(method, "/", "Origin: null") == 403)
    }

    @Test(arguments: ["GET", "HEAD", "OPTIONS"])
    func `what must not change anything passes`(_ method: String) async throws {
        #expect(try await status(method, "/", "Sec-Fetch-Site: cross-site", "Origin: https://evil.example") == 200)
    }

    @Test func `the own pages pass, and so does what is no browser`() async throws {
        #expect(try await status("POST", "/", "Sec-Fetch-Site: same-origin", "Origin: https://test") == 200)
        #expect(try await status("POST", "/", "Sec-Fetch-Site: none") == 200)
        #expect(try await status("POST", "/", "Origin: http://test") == 200)
        #expect(try await status("POST") == 200)
    }

    @Test func `Sec-Fetch-Site counts before Origin, which a proxy may have changed the host of`() async throws {
        #expect(try await status("POST", "/", "Sec-Fetch-Site: same-origin", "Origin: https://outside.example") == 200)
        #expect(try await status("POST", "/", "Sec-Fetch-Site: cross-site", "Origin: http://test") == 403)
    }

    @Test(arguments: ["http://test.evil", "http://test:81", "http://testx", "http://x/test"])
    func `a host that only looks like the own one is refused`(_ origin: String) async throws {
        #expect(try await status("POST", "/", "Origin: \(origin)") == 403)
    }

    @Test func `trusted origins and exempt paths pass`() async throws {
        #expect(try await status("POST", "/", "Sec-Fetch-Site: cross-site", "Origin: https://admin.example") == 200)
        #expect(try await status("POST", "/hook", "Sec-Fetch-Site: cross-site") == 200)
        #expect(try await status("POST", "/hook/more", "Sec-Fetch-Site: cross-site") == 403)
    }

    @Test(arguments: ["admin.example", "https://admin.example/", "null", "*"])
    func `an origin that no browser sends is refused at the start`(_ origin: String) throws {
        let error = try #require(throws: OptionsError.self) {
            try CSRFMiddleware(options: options("{\"trustedOrigins\": [\"\(origin)\"]}"))
        }
        #expect(error.key == "trustedOrigins")
    }
}
