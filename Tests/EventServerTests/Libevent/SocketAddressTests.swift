import TestSupport
import Testing

@testable import EventServer

@Suite("A socket address", .timeLimit(.minutes(1)))
struct SocketAddressTests {
    private func bound(_ host: String) throws -> SocketAddress {
        var configuration = ServerConfiguration()
        configuration.host = host
        configuration.port = 0
        configuration.loops = 1
        let server = HTTPServer(configuration: configuration, responder: Silent(), logger: LogRecorder().makeLogger())
        defer { server.shutDown() }
        return try server.bind()
    }

    private struct Silent: Responder {
        func respond(to request: Request) async -> Response { .text("") }
    }

    @Test("of IP version 4 knows what it is")
    func version4() throws {
        let address = try bound("127.0.0.1")
        #expect(address.host == "127.0.0.1")
        #expect(address.port > 0)
        #expect(address.isLoopback)
        #expect(!address.isIPv6)
        #expect(!address.isWildcard)
        #expect("\(address)" == "127.0.0.1:\(address.port)")
    }

    @Test("for everybody is a wildcard")
    func wildcard() throws {
        let address = try bound("0.0.0.0")
        #expect(address.isWildcard)
        #expect(!address.isLoopback)
    }

    @Test("is equal to another with the same host and port")
    func equality() throws {
        let one = try bound("127.0.0.1")
        let other = try bound("0.0.0.0")
        #expect(one == one)
        #expect(one != other)
        #expect(Set([one, one, other]).count == 2)
    }

    @Test("of a client is in its request")
    func remote() async throws {
        try await TestServer.answering {
            .text($0.remoteAddress.description)
        } during: { server in
            let response = try await server.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(response.body.hasPrefix("127.0.0.1:"))
        }
    }
}
