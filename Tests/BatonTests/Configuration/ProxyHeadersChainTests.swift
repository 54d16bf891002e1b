import Foundation
import Testing

@testable import Baton

/// What a load finds wrong with `proxy-headers`, its place and its options.
@Suite struct ProxyHeadersChainTests {
    private static let trusted = "server: {proxies: {trusted: [127.0.0.1]}}\n"
    private static let options = """
        middleware:
          proxy-headers: {headers: x-forwarded}
          rate-limit: {requests: 1, per: 1m}

        """

    private func mistakes(_ yaml: String) async -> [String] {
        do {
            try await Application(yaml: yaml, file: "c.yml").checkChain()
            return []
        } catch {
            return "\(error)".split(separator: "\n").map(String.init)
        }
    }

    @Test(arguments: [
        ("access-log", "that logs the client's address"),
        ("csrf", "that asks for the host that the client has named"),
        ("rate-limit", "that counts by the client's address"),
        ("security-headers", "that asks whether the client uses https"),
        ("tracing", "that notes down the client's address, scheme and host"),
    ])
    func `it stands before every built-in that asks for the client`(_ name: String, _ reason: String) async {
        let base = Self.trusted + Self.options
        let place = "chain: [\(name), ".utf8.count + 1
        #expect(
            await mistakes(base + "chain: [\(name), proxy-headers]") == [
                "c.yml:5:\(place): chain.1: \"proxy-headers\" must stand before \"\(name)\", because \(reason)"
            ]
        )
        #expect(await mistakes(base + "chain: [proxy-headers, \(name)]") == [])
        #expect(
            await mistakes(base + "chain: [\(name)]\nchains: {a: {scope: below /a, steps: [proxy-headers]}}") == [
                "c.yml:6:39: chains.a.steps.0: \"proxy-headers\" must stand before \"\(name)\", because \(reason)"
            ]
        )
    }

    @Test func `instances with names of their own are held to the same order`() async {
        let yaml =
            Self.trusted + """
                chain: [log, fields]
                middleware: {log: {use: access-log}, fields: {use: proxy-headers, headers: forwarded}}
                """
        #expect(
            await mistakes(yaml) == [
                "c.yml:2:14: chain.1: \"fields\" must stand before \"log\", because that logs the client's address"
            ]
        )
    }

    @Test(arguments: [
        ("{}", "c.yml:2:14: middleware.proxy-headers.headers: a value is missing"),
        (
            "{headers: x-forward}",
            """
            c.yml:2:39: middleware.proxy-headers.headers: "x-forward" is not known here; did you mean "x-forwarded"? Known: \
            forwarded, x-forwarded.
            """
        ),
        (
            "{headers: none}",
            "c.yml:2:39: middleware.proxy-headers.headers: \"none\" is not known here. Known: forwarded, x-forwarded."
        ),
        (
            "{headers: [forwarded]}",
            "c.yml:2:30: middleware.proxy-headers.headers: expected a single value, found a list"
        ),
        (
            "{headers: forwarded, trusted: [unix]}",
            "c.yml:2:50: middleware.proxy-headers.trusted: unknown key. Known: headers."
        ),
    ])
    func `its option is one of two, and must be chosen`(_ options: String, _ mistake: String) async {
        let found = await mistakes(Self.trusted + "middleware: {proxy-headers: \(options)}\nchain: [proxy-headers]")
        #expect(found == [mistake])
    }

    private static let believesNobody = """
        "proxy-headers" would believe nobody, since server.proxies.trusted names no proxy. Name its address there, such as \
        127.0.0.1, 10.0.0.0/8 or unix, or take the step out.
        """

    @Test func `where the server trusts nobody it is a mistake, in each chain that has it`() async {
        let options = "middleware: {proxy-headers: {headers: forwarded}}\n"
        #expect(
            await mistakes(options + "chain: [g, proxy-headers]") == ["c.yml:2:12: chain.1: \(Self.believesNobody)"]
        )
        #expect(
            await mistakes(
                options + "server: {proxies: {trusted: []}}\nchains: {a: {scope: below /a, steps: [proxy-headers]}}"
            ) == ["c.yml:3:39: chains.a.steps.0: \(Self.believesNobody)"]
        )
        // Options alone believe nothing, and may wait for their chain.
        #expect(await mistakes(options) == [])
        for trusted in ["[localhost]", "127.0.0.1"] {
            let found = await mistakes(options + "server: {proxies: {trusted: \(trusted)}}\nchain: [proxy-headers]")
            #expect(found.count == 1, "a mistaken proxy is not a missing one: \(found)")
        }
    }

    @Test func `the environment may name the proxies`() async throws {
        let yaml = "middleware: {proxy-headers: {headers: forwarded}}\nchain: [proxy-headers]"
        let named = ["BATON_SERVER_PROXIES_TRUSTED": "unix"]
        #expect(try await Application(yaml: yaml, environment: named).checkChain() == ["proxy-headers"])
    }

    @Test func `a schema knows its two kinds, and not the key that has moved`() async throws {
        let text = try await Application(yaml: "").configurationSchema
        let schema = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        func node(_ path: String...) -> [String: Any] {
            path.reduce(schema) { ($0["properties"] as? [String: Any])?[$1] as? [String: Any] ?? [:] }
        }
        let headers = node("middleware", "proxy-headers", "headers")["anyOf"] as? [[String: Any]]
        #expect(headers?.first?["enum"] as? [String] == ["forwarded", "x-forwarded"])
        #expect(node("middleware", "proxy-headers")["required"] as? [String] == ["headers"])
        let proxies = node("server", "proxies")
        #expect((proxies["properties"] as? [String: Any])?.keys.sorted() == ["sendProxyHeader", "trusted"])
        #expect(proxies["additionalProperties"] as? Bool == false)
    }
}
