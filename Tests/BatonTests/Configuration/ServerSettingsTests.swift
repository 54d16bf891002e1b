import Testing

@testable import Baton

@Suite struct ServerSettingsTests {
    /// What is wrong with `server:`.
    private func problem(
        _ server: String,
        options: [String: String] = [:],
        environment: [String: String] = [:]
    ) async -> String {
        do {
            try await Application(yaml: "server: {\(server)}", options: options, environment: environment).checkChain()
            return "nothing"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        ("listen: [8080]", "server.listen.0: \"8080\" is no address to listen at. The host is missing"),
        (
            "listen: [127.0.0.1:8080, 'unix:']",
            "server.listen.1: \"unix:\" is no address to listen at. The path is missing"
        ),
        ("listen: [127.0.0.1:1, 127.0.0.1:1]", "server.listen: 127.0.0.1:1 stands here twice: leave one of them out"),
        ("listen: ['unix:/a', 'unix:/a']", "unix:/a stands here twice"),
        ("listen: [inherited, inherited]", "inherited stands here twice"),
        ("listen: ['*:80', '10.0.0.1:80']", "*:80 has all addresses of port 80: leave 10.0.0.1:80 out"),
        ("listen: ['[::1]:80', '*:80']", "*:80 has all addresses of port 80: leave [::1]:80 out"),
        ("listen: [[::1]:80]", "put quotes around an address that begins with [ or *"),
        ("listen: [*:80]", "put quotes around an address that begins with [ or *"),
        ("listen: 127.0.0.1:8080", "server.listen: expected a list"),
        ("socketMode: 660x", "server.socketMode: expected permissions such as 0660"),
        ("socketMode: 0888", "expected permissions"), ("socketMode: 07777", "expected permissions"),
        ("socketMode: 6", "expected permissions"),
        ("proxies: {trusted: [localhost]}", "server.proxies.trusted.0: \"localhost\" is no address or range"),
        ("proxies: {trusted: [10.1.2.3/8]}", "Write 10.0.0.0/8 for the range, or 10.1.2.3 for one address"),
        (
            "proxies: {trusted: [unix], headers: x-forwarded}",
            "server.proxies.headers: headers is now an option of the step proxy-headers. Take it out here; unless it was none, "
                + "name proxy-headers in chain"
        ),
        ("proxies: {headers: none}", "server.proxies.headers: headers is now an option of the step proxy-headers."),
        ("proxies: {header: none}", "server.proxies.header: unknown key. Known: sendProxyHeader, trusted."),
        ("proxies: {sendProxyHeader: true}", "server.proxies.trusted: no proxy is named"),
        ("limits: {connectionsPerAddress: -1}", "server.limits.connectionsPerAddress: expected a number from 0"),
    ])
    func aMistakeHasItsPlaceAndItsNextStep(server: String, message: String) async {
        let text = await problem(server)
        #expect(text.hasPrefix("config.yml:1:"), "\(text)")
        #expect(text.contains(message), "\(text)")
    }

    @Test func anOptionThatListenWouldSilenceIsAMistake() async {
        let text = await problem("listen: [unix:/run/a.sock]", options: ["server.port": "9090"])
        #expect(text.hasPrefix("command line (server.port): server.port: it has no effect, since server.listen names"))
        #expect(text.contains("empty server.listen (BATON_SERVER_LISTEN=)"))
        let host = await problem("listen: [unix:/run/a.sock]", environment: ["BATON_SERVER_HOST": "0.0.0.0"])
        #expect(host.contains("BATON_SERVER_HOST"))
        let emptied = await problem(
            "listen: [unix:/run/a.sock]",
            options: ["server.port": "9090"],
            environment: ["BATON_SERVER_LISTEN": ""]
        )
        #expect(emptied == "nothing")
    }

    @Test func whatHasMovedIsToldOfTheEnvironmentToo() async {
        let text = await problem("port: 0", environment: ["BATON_SERVER_PROXIES_HEADERS": "forwarded"])
        #expect(text.hasPrefix("environment (BATON_SERVER_PROXIES_HEADERS): server.proxies.headers: headers is now"))
    }

    @Test func freePortsAndOneHostWithSeveralPortsAreNoRepetition() async {
        #expect(
            await problem("listen: ['127.0.0.1:0', '127.0.0.1:0', '*:80', '10.0.0.1:81', '[::]:82', '0.0.0.0:82']")
                == "nothing"
        )
    }

    @Test func theFilesOwnHostAndPortStandBesideAList() async throws {
        let app = try await Application(yaml: "server: {host: 127.0.0.1, port: 8080, listen: ['*:0']}")
        #expect(app.settings.server.addresses == [.tcp(host: "*", port: 0)])
    }

    @Test func theEnvironmentGivesAList() async throws {
        let app = try await Application(yaml: "", environment: ["BATON_SERVER_LISTEN": "127.0.0.1:1, unix:/a"])
        #expect(app.settings.server.addresses == [.tcp(host: "127.0.0.1", port: 1), .unix(path: "/a")])
    }

    @Test func theDemoSecretIsRefusedForAnyAddressThatOthersCanReach() async throws {
        let secret = "chain: [auth]\nmiddleware: {auth: {secret: \(DemoSecret.text)}}\n"
        for (listen, isOpen) in [
            ("127.0.0.1:1, 'unix:/a', '[::1]:1'", false), ("127.0.0.1:1, '*:2'", true),
            ("127.0.0.1:1, inherited", true),
        ] {
            let app = try await Application(yaml: secret + "server: {listen: [\(listen)]}")
            #expect(((try? app.checkChain()) == nil) == isOpen, "\(listen)")
        }
    }
}
