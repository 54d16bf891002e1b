import TestSupport
import Testing

@testable import EventServer

@Suite struct ForwardingTests {
    /// Who asks, and what for, in the eyes of a server whose peer is 10.0.0.1.
    private func origin(
        _ fields: [String],
        _ kind: ForwardedFields? = .xForwarded,
        peer: String = "10.0.0.1",
        trusted: [String] = ["10.0.0.0/8", "::1"]
    ) throws -> String {
        var proxies = ServerConfiguration.Proxies()
        proxies.trusted = try trusted.map { try AddressRange($0) }
        let bytes = Array((["GET / HTTP/1.1", "Host: own"] + fields + ["", ""]).joined(separator: "\r\n").utf8)
        var parser = RequestParser()
        var offset = 0
        guard case .head(let head) = try parser.next(bytes.span, at: &offset) else { return "no request" }
        let peer = SocketAddress(try #require(IPAddress(peer)), port: 5)
        let forwarding = Forwarding(client: peer, proxies: proxies)
        let request = Request(head: head, body: RequestBody(nil), remoteAddress: peer, forwarding: forwarding)
        if let kind { request.believe(kind) }
        return "\(request.clientAddress) \(request.clientScheme) \(request.clientAuthority)"
    }

    @Test(arguments: [
        ([], "10.0.0.1:5 http own"),
        (["X-Forwarded-For: 192.0.2.1"], "192.0.2.1 http own"),
        // What the client wrote stands left of what the proxy has seen.
        (["X-Forwarded-For: 6.6.6.6, 192.0.2.1"], "192.0.2.1 http own"),
        (["X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 192.0.2.1"], "192.0.2.1 http own"),
        (["X-Forwarded-For: 6.6.6.6, 192.0.2.1, 10.1.1.1,10.2.2.2"], "192.0.2.1 http own"),
        (["X-Forwarded-For: 10.3.3.3, 10.2.2.2"], "10.3.3.3 http own"),
        (["X-Forwarded-For: 192.0.2.1:4711"], "192.0.2.1:4711 http own"),
        (["X-Forwarded-For: 2001:db8::1"], "[2001:db8::1] http own"),
        (["X-Forwarded-For: [2001:db8::1]:80, ::1"], "[2001:db8::1]:80 http own"),
        (["X-Forwarded-For: ::ffff:192.0.2.1"], "192.0.2.1 http own"),
        // As far as anybody can vouch, and no further.
        (["X-Forwarded-For: 192.0.2.1, unknown, 10.2.2.2"], "10.2.2.2 http own"),
        (["X-Forwarded-For: 192.0.2.1, <script>, 10.2.2.2"], "10.2.2.2 http own"),
        (["X-Forwarded-For: unknown"], "10.0.0.1:5 http own"),
        (["X-Forwarded-For: ,, 192.0.2.1 ,\t,"], "192.0.2.1 http own"),
        (["X-Forwarded-For: 192.0.2.1, 999.1.1.1"], "10.0.0.1:5 http own"),
        (["X-Forwarded-For: 192.0.2.1:99999"], "10.0.0.1:5 http own"),
        (["X-Forwarded-For:"], "10.0.0.1:5 http own"),
        (
            ["X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: HTTPS", "X-Forwarded-Host: shop:8443"],
            "192.0.2.1 https shop:8443"
        ),
        (["X-Forwarded-Proto: https"], "10.0.0.1:5 https own"),
        // One proxy: what stands left of its own word is the client's.
        (
            ["X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https, http", "X-Forwarded-Host: evil, shop"],
            "192.0.2.1 http shop"
        ),
        // Two proxies: both append, or both replace.
        (["X-Forwarded-For: 192.0.2.1, 10.2.2.2", "X-Forwarded-Proto: http, https, http"], "192.0.2.1 https own"),
        (["X-Forwarded-For: 192.0.2.1, 10.2.2.2", "X-Forwarded-Proto: https"], "192.0.2.1 https own"),
        (["X-Forwarded-Proto: javascript", "X-Forwarded-Host: a b"], "10.0.0.1:5 http own"),
        (["X-Forwarded-Host: user@shop"], "10.0.0.1:5 http own"),
        // The other kind is not read.
        (["Forwarded: for=192.0.2.1;proto=https;host=shop"], "10.0.0.1:5 http own"),
    ])
    func theUsualFields(fields: [String], expected: String) throws { #expect(try origin(fields) == expected) }

    @Test(arguments: [
        (["Forwarded: for=192.0.2.1"], "192.0.2.1 http own"),
        (
            ["Forwarded: For=\"[2001:db8::1]:4711\";Proto=HTTPS;host=\"shop:8443\";by=10.0.0.1"],
            "[2001:db8::1]:4711 https shop:8443"
        ),
        (["Forwarded: for=6.6.6.6;proto=https, for=192.0.2.1"], "192.0.2.1 http own"),
        (
            ["Forwarded: for=192.0.2.1;proto=https;host=shop, for=10.2.2.2;proto=http;host=inner"],
            "192.0.2.1 https shop"
        ),
        (["Forwarded: for=192.0.2.1", "Forwarded: for=10.2.2.2;proto=https"], "192.0.2.1 https own"),
        (["Forwarded: for=192.0.2.1:80; proto=https ;host=shop"], "192.0.2.1:80 https shop"),
        (["Forwarded: for=\"192.0.2.1:_hidden\""], "192.0.2.1 http own"),
        (["Forwarded: for=\"19\\2.0.2.1\""], "192.0.2.1 http own"),
        // Hidden clients, and elements that cannot be read.
        (["Forwarded: for=192.0.2.1, for=_secret;proto=https"], "10.0.0.1:5 https own"),
        (["Forwarded: for=192.0.2.1, for=unknown"], "10.0.0.1:5 http own"),
        (["Forwarded: for=192.0.2.1, proto=https"], "10.0.0.1:5 https own"),
        (["Forwarded: for=192.0.2.1;for=192.0.2.2"], "10.0.0.1:5 http own"),
        (["Forwarded: for"], "10.0.0.1:5 http own"), (["Forwarded: for="], "10.0.0.1:5 http own"),
        (["Forwarded: ;for=192.0.2.1; ;"], "192.0.2.1 http own"), (["Forwarded: =192.0.2.1"], "10.0.0.1:5 http own"),
        (["Forwarded: for=\"192.0.2.1"], "10.0.0.1:5 http own"),
        (["Forwarded: for=\"192.0.2.1\\"], "10.0.0.1:5 http own"),
        (["Forwarded: for=192.0.2.1 proto=https"], "10.0.0.1:5 http own"),
        // A quote that a client leaves open hides nothing of what the proxy adds.
        (["Forwarded: for=\", for=192.0.2.1"], "192.0.2.1 http own"),
        (["Forwarded: for=\"6.6.6.6, for=6.6.6.7\", for=192.0.2.1"], "192.0.2.1 http own"),
        (["Forwarded: for=\"a\\\", for=6.6.6.6\", for=192.0.2.1, for=10.2.2.2"], "192.0.2.1 http own"),
        (["Forwarded: for=192.0.2.1;ext=\"a,b;c\\\"d\""], "192.0.2.1 http own"),
        (["X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https"], "10.0.0.1:5 http own"),
    ])
    func theFieldOfTheStandard(fields: [String], expected: String) throws {
        #expect(try origin(fields, .forwarded) == expected)
    }

    @Test func nothingIsBelievedOfAClientThatTheProxyProtocolNames() throws {
        let fields = ["X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil"]
        #expect(try origin(fields, peer: "192.0.2.1") == "192.0.2.1:5 http own")
        #expect(try origin(fields, nil) == "10.0.0.1:5 http own")
    }

    @Test func endlessListsEndAtABound() throws {
        let many = Array(repeating: "10.2.2.2", count: 3000).joined(separator: ",")
        #expect(try origin(["X-Forwarded-For: 192.0.2.1,\(many)"]) == "10.2.2.2 http own")
        #expect(try origin(["X-Forwarded-For: \(String(repeating: ",", count: 30_000))"]) == "10.0.0.1:5 http own")
        let elements = Array(repeating: "for=10.2.2.2", count: 3000).joined(separator: ",")
        #expect(try origin(["Forwarded: for=192.0.2.1,\(elements)"], .forwarded) == "10.2.2.2 http own")
        #expect(
            try origin(["Forwarded: \(String(repeating: "\"\\", count: 15_000))"], .forwarded) == "10.0.0.1:5 http own"
        )
    }

    @Test(arguments: [1, 2] as [UInt64])
    func mutantsTrapNothingAndTheProxysOwnWordStands(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let letters = Array("for=host;proto,\"\\ \t[]:._1029afunknown".utf8)
        for _ in 0..<3000 {
            let size = Int.random(in: 0...40, using: &random)
            let junk = String(
                decoding: (0..<size).map { _ in letters.randomElement(using: &random) ?? 0 },
                as: UTF8.self
            )
            _ = try origin(["Forwarded: \(junk)"], .forwarded)
            _ = try origin(["X-Forwarded-For: \(junk)", "X-Forwarded-Host: \(junk)"])
            #expect(try origin(["Forwarded: \(junk), for=192.0.2.1"], .forwarded) == "192.0.2.1 http own")
            #expect(try origin(["X-Forwarded-For: \(junk), 192.0.2.1"]) == "192.0.2.1 http own")
        }
    }
}
