import Synchronization
import TestSupport
import Testing

@testable import EventServer

@Suite(.timeLimit(.minutes(1))) struct ConnectionProxyTests {
    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let line = "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n"

    /// A server whose proxy is 127.0.0.2, and which tells whom it believes to answer.
    private static func run(
        fields: ForwardedFields? = nil,
        sendsHeader: Bool = true,
        limit: Int = 0,
        headerTimeout: Duration = .seconds(10),
        _ body: @escaping @Sendable (TestServer) throws -> Void
    ) async throws {
        let trusted = try [AddressRange("127.0.0.2"), AddressRange("198.51.100.0/24")]
        try await TestServer.run {
            $0.proxies.trusted = trusted
            $0.proxies.sendProxyHeader = sendsHeader
            $0.connectionsPerAddress = limit
            $0.timeouts.header = headerTimeout
        } answer: { request in
            if let fields { request.believe(fields) }
            return .text("\(request.clientAddress) via \(request.remoteAddress.host)")
        } _: { server in
            try await onThread { try body(server) }
        }
    }

    private static func proxy(_ server: TestServer, _ text: String) throws -> RawConnection {
        let connection = try RawConnection(port: server.port, source: 2)
        try connection.send(text)
        return connection
    }

    @Test func theClientOfATrustedProxyIsWhomItNames() async throws {
        try await Self.run { server in
            let connection = try Self.proxy(server, Self.line + Self.get)
            #expect(try connection.receiveResponse().body == "192.0.2.1:56324 via 127.0.0.2")
            try connection.send(Self.get)
            #expect(try connection.receiveResponse().body == "192.0.2.1:56324 via 127.0.0.2")
            // Byte by byte, and for the proxy itself.
            let slow = try Self.proxy(server, "")
            for byte in (Self.line + Self.get).utf8 { try slow.send([byte]) }
            #expect(try slow.receiveResponse().body == "192.0.2.1:56324 via 127.0.0.2")
            let own = try Self.proxy(server, "PROXY UNKNOWN\r\n" + Self.get)
            #expect(try own.receiveResponse().body.hasPrefix("127.0.0.2:"))
        }
    }

    @Test func fromAnybodyElseTheHeaderIsNoRequest() async throws {
        try await Self.run { server in
            let forger = try RawConnection(port: server.port, source: 3)
            try forger.send(Self.line + Self.get)
            #expect(try forger.receiveToEnd().contains("H1-"))
            let honest = try RawConnection(port: server.port, source: 3)
            try honest.send(Self.get)
            #expect(try honest.receiveResponse().body.hasPrefix("127.0.0.3:"))
        }
        // Nor from the proxy, where it is not said that it sends one.
        try await Self.run(sendsHeader: false) { server in
            let answer = try Self.proxy(server, Self.line + Self.get).receiveToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 400"))
        }
    }

    @Test func aTrustedProxyThatSendsNoneIsClosedWithoutAnAnswer() async throws {
        try await Self.run { server in
            #expect(try Self.proxy(server, "GET").receive().isEmpty)
            let ended = try Self.proxy(server, "PROXY TCP4")
            ended.finishSending()
            #expect(try ended.receive().isEmpty)
            let check = try Self.proxy(server, "")
            check.finishSending()
            #expect(try check.receive().isEmpty)
            let codes = server.logs.lines.filter { $0.message == "connection refused" }
                .compactMap { $0.metadata["code"] }
            #expect(codes == ["PROXY-MISSING", "PROXY-ENDED"])
        }
    }

    @Test func aProxyThatIsSetUpWronglyIsAFewLinesAndNotOneForEachConnection() async throws {
        try await Self.run { server in
            for _ in 0..<50 {
                let received = try Self.proxy(server, "GET").receive()
                #expect(received.isEmpty)
            }
            let lines = server.logs.lines.filter { $0.message == "connection refused" }
            // One for each loop that has met it.
            #expect((1...2).contains(lines.count))
            #expect(lines.first?.metadata["proxy"] == "127.0.0.2")
        }
    }

    @Test func theHeaderHasTheTimeOfAHeaderSection() async throws {
        try await Self.run(headerTimeout: .milliseconds(50)) { server in
            #expect(try Self.proxy(server, "").receive().isEmpty)
            #expect(try Self.proxy(server, "PROXY TC").receive().isEmpty)
            #expect(server.logs.lines.contains { $0.metadata["code"] == "PROXY-TIMEOUT" })
            let late = try Self.proxy(server, Self.line)
            // In time with its header, and now idle as any other.
            #expect(!late.isClosed(within: 200))
            try late.send(Self.get)
            #expect(try late.receiveResponse().status == 200)
        }
    }

    @Test func fieldsAreReadOnlyWhereEachHopIsTrusted() async throws {
        let forged = "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n"
        try await Self.run(fields: .xForwarded) { server in
            let direct = try Self.proxy(server, Self.line + forged).receiveResponse().body
            #expect(direct.hasPrefix("192.0.2.1:"))
            let nested = "PROXY TCP4 198.51.100.9 198.51.100.1 1 443\r\n" + forged
            let behind = try Self.proxy(server, nested).receiveResponse().body
            #expect(behind == "6.6.6.6 via 127.0.0.2")
        }
        try await Self.run(fields: .xForwarded, sendsHeader: false) { server in
            #expect(try Self.proxy(server, forged).receiveResponse().body == "6.6.6.6 via 127.0.0.2")
            let forger = try RawConnection(port: server.port, source: 3)
            try forger.send(forged)
            #expect(try forger.receiveResponse().body.hasPrefix("127.0.0.3:"))
        }
    }

    @Test func fieldsAreReadOnlyOnceTheyAreBelieved() async throws {
        let fields = "X-Forwarded-For: 192.0.2.7\r\nForwarded: for=192.0.2.8\r\n"
        let trusted = [try AddressRange("127.0.0.2")]
        try await TestServer.run {
            $0.proxies.trusted = trusted
        } answer: { request in
            var seen = [request.clientAddress.host]
            for fields in ForwardedFields.allCases + [.forwarded] {
                request.believe(fields)
                seen.append(request.clientAddress.host)
            }
            // Of the copies, too, which share it.
            seen.append(request.limitingBody(to: 1).clientAddress.host)
            return .text(seen.joined(separator: " "))
        } _: { server in
            try await onThread {
                let connection = try Self.proxy(server, "")
                // The second request does not begin where the first has ended.
                for _ in 0..<2 {
                    try connection.send("GET / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n")
                    let seen = try connection.receiveResponse().body
                    #expect(seen == "127.0.0.2 192.0.2.8 192.0.2.7 192.0.2.8 192.0.2.8")
                }
                let forger = try RawConnection(port: server.port, source: 3)
                try forger.send("GET / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n")
                #expect(Set(try forger.receiveResponse().body.split(separator: " ")) == ["127.0.0.3"])
            }
        }
    }

    @Test func eachAddressHasItsConnectionsAndNoMore() async throws {
        try await Self.run(sendsHeader: false, limit: 2) { server in
            var inside: [RawConnection] = []
            for source in [3, 4] as [UInt8] {
                for _ in 0..<2 {
                    let connection = try RawConnection(port: server.port, source: source)
                    try connection.send(Self.get)
                    #expect(try connection.receiveResponse().status == 200)
                    inside.append(connection)
                }
            }
            for _ in 0..<20 { #expect(try RawConnection(port: server.port, source: 3).receive().isEmpty) }
            let lines = server.logs.lines.filter { $0.message == "connections refused" }
            #expect(lines.map { $0.metadata["client"] } == ["127.0.0.3"])
            #expect(lines.first?.metadata["advice"]?.contains("connectionsPerAddress") == true)
            // The proxy is not counted, and who leaves makes room.
            let proxied = try (0..<5).map { _ in try Self.proxy(server, Self.get) }
            for connection in proxied { #expect(try connection.receiveResponse().status == 200) }
            try inside[0].send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            _ = try inside[0].receiveToEnd()
            let next = try RawConnection(port: server.port, source: 3)
            try next.send(Self.get)
            #expect(try next.receiveResponse().status == 200)
        }
    }

    @Test func behindAProxyTheClientIsCounted() async throws {
        try await Self.run(limit: 1) { server in
            let first = try Self.proxy(server, Self.line + Self.get)
            #expect(try first.receiveResponse().status == 200)
            let second = try Self.proxy(server, Self.line + Self.get)
            #expect((try? second.receive()) ?? [] == [])
            let other = try Self.proxy(server, "PROXY TCP4 192.0.2.2 198.51.100.1 1 443\r\n" + Self.get)
            #expect(try other.receiveResponse().status == 200)
            #expect(server.logs.lines.contains { $0.metadata["client"] == "192.0.2.1" })
        }
    }
}
