import Middleware
import TestSupport
import Testing

@testable import Baton

@Suite struct ConfigFileTests {
    /// What `baton check` would say of a text; empty where it is in order.
    private func mistakes(_ yaml: String) async -> String {
        do {
            try await Application(yaml: yaml, file: "c.yml").checkChain()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        (
            "prot: 1",
            "c.yml:1:1: prot: unknown key. Known: chain, chains, log, middleware, plugins, pool, reload, router, server."
        ),
        (
            "servr: {}",
            "c.yml:1:1: servr: unknown key; did you mean \"server\"? Known: chain, chains, log, middleware, plugins, pool, reload, router, server."
        ),
        (
            "server:\n  prot: 1",
            "c.yml:2:3: server.prot: unknown key; did you mean \"port\"? Known: backlog, "
        ),
        (
            "server:\n  limits:\n    boddy: 1",
            "c.yml:3:5: server.limits.boddy: unknown key; did you mean \"body\"? Known: body, connections, "
        ),
        (
            "server: {timeouts: {iddle: 1s}}",
            "c.yml:1:21: server.timeouts.iddle: unknown key; did you mean \"idle\"? Known: body, drain, "
        ),
        ("log: {levle: info}", "c.yml:1:7: log.levle: unknown key; did you mean \"level\"? Known: format, level."),
        (
            "pool:\n  queuelimit: 1",
            "c.yml:2:3: pool.queuelimit: unknown key; did you mean \"queueLimit\"? Known: keptJobs, queueLimit, workers."
        ),
        (
            "middleware:\n  request-id:\n    haeder: x",
            """
            c.yml:3:5: middleware.request-id.haeder: unknown key; did you mean "header"? Known: acceptIncoming, header.
            """
        ),
        (
            "middleware:\n  auht: {}",
            "c.yml:2:3: middleware.auht: unknown middleware; did you mean \"auth\"? Known: \(MiddlewareRegistry.standard.names.joined(separator: ", "))."
        ),
        (
            "chain:\n  - requestid",
            """
            c.yml:2:5: chain.0: unknown middleware "requestid"; did you mean "request-id"? \
            Known: \(MiddlewareRegistry.standard.names.joined(separator: ", ")).
            """
        ),
    ])
    func `an unknown key is named with its place, what was meant, and what there is`(
        _ yaml: String,
        _ message: String
    ) async {
        #expect(await mistakes(yaml).hasPrefix(message))
    }

    @Test func `all unknown keys are reported at once`() async {
        let yaml = "servr: {}\nlgo: {}\nmiddleware:\n  request-id:\n    heder: x\n    accept: true"
        #expect(await mistakes(yaml).split(separator: "\n").count == 4)
        let options = "middleware:\n  request-id:\n    heder: x\n  g:\n    value: {}\n  nope: {}"
        #expect(
            await mistakes(options).split(separator: "\n").map { $0.prefix(9) } == [
                "c.yml:3:5", "c.yml:5:5", "c.yml:6:3",
            ]
        )
    }

    @Test(arguments: [
        ("server:\n  port: eighty", "c.yml:2:9: server.port: expected a whole number, found \"eighty\""),
        ("server: {port: 80.0}", "c.yml:1:16: server.port: expected a whole number, found \"80.0\""),
        ("server: {port: 010}", "c.yml:1:16: server.port: expected a whole number, found \"010\""),
        ("server: {port: 0x1F}", "c.yml:1:16: server.port: expected a whole number, found \"0x1F\""),
        ("server: {port: 0o17}", "c.yml:1:16: server.port: expected a whole number, found \"0o17\""),
        ("server: {port: 8_0}", "c.yml:1:16: server.port: expected a whole number, found \"8_0\""),
        ("server: {port: +80}", "c.yml:1:16: server.port: expected a whole number, found \"+80\""),
        (
            "server: {port: 99999999999999999999}",
            "c.yml:1:16: server.port: expected a whole number, found \"99999999999999999999\""
        ),
        ("server: {port: 65536}", "c.yml:1:16: server.port: expected a number from 0 to 65535, found 65536"),
        ("server: {port: -1}", "c.yml:1:16: server.port: expected a number from 0 to 65535, found -1"),
        ("server: {port: \"80\"}", "c.yml:1:16: server.port: expected a whole number, found the text \"80\""),
        ("server: {port: [80]}", "c.yml:1:10: server.port: expected a single value, found a list"),
        ("server: {host: {a: b}}", "c.yml:1:10: server.host: expected a single value, found a map"),
        ("server: {host: ''}", "c.yml:1:16: server.host: expected a name or an address of this machine, found nothing"),
        ("server: 5", "c.yml:1:9: server: expected a map, found a single value"),
        ("server: [a]", "c.yml:1:1: server: expected a map, found a list"),
        ("chain: g", "c.yml:1:8: chain: expected a list, found \"g\""),
        ("chain:\n  g: {}", "c.yml:1:1: chain: expected a list, found a map"),
        ("chain: [g, ~]", "c.yml:1:12: chain.1: expected a single value, found nothing"),
        ("chain: [g, [g]]", "c.yml:1:12: chain.1: expected a single value, found a list"),
        ("chain: |\n  g\n  auth\n", "c.yml:1:8: chain: expected a list, found the text \"g\\nauth\\n\""),
        (
            "chain: \(String(repeating: "x", count: 5000))",
            "c.yml:1:8: chain: expected a list, found \"\(String(repeating: "x", count: 100))...\""
        ),
        ("middleware: [g]", "c.yml:1:1: middleware: expected a map, found a list"),
        ("middleware: {g: 5}", "c.yml:1:17: middleware.g: expected a map, found a single value"),
        (
            "middleware:\n  request-id:\n    acceptIncoming: yes",
            "c.yml:3:21: middleware.request-id.acceptIncoming: expected true or false, found \"yes\""
        ),
        (
            "middleware: {request-id: {acceptIncoming: 'true'}}",
            "c.yml:1:43: middleware.request-id.acceptIncoming: expected true or false, found the text \"true\""
        ),
        (
            "middleware: {access-log: {exclude: /health}}",
            "c.yml:1:36: middleware.access-log.exclude: expected a list, found \"/health\""
        ),
        (
            "middleware: {auth: {apiKeys: secret}}",
            "c.yml:1:30: middleware.auth.apiKeys: expected a map, found a single value"
        ),
        (
            "middleware: {auth: {apiKeys: {a: }}}",
            "c.yml:1:31: middleware.auth.apiKeys.a: expected a single value, found nothing"
        ),
        (
            "log: {level: inof}",
            """
            c.yml:1:14: log.level: "inof" is not known here; did you mean "info"? \
            Known: trace, debug, info, notice, warning, error, critical.
            """
        ),
    ])
    func `a wrong value is shown with its place and with what is due`(_ yaml: String, _ message: String) async {
        #expect(await mistakes(yaml) == message)
    }

    @Test(arguments: [
        (
            "server:\n\tport: 1",
            "2:1: this is not YAML: found character that cannot start any token; indent with blanks, not with tabs"
        ),
        ("server: {port: 1\n", "2:1: this is not YAML: did not find expected ',' or '}'"),
        ("server: port: 1", "1:13: this is not YAML: mapping values are not allowed in this context"),
        ("log: *level", "1:6: this is not YAML: found undefined alias"),
        ("log: &a {level: *a}", "1:17: this is not YAML: found undefined alias"),
        (
            "log: *l e",
            """
            1:6: this is not YAML: what begins with * is an alias, and this is none; put quotes around an address that \
            begins with [ or *, and around other text that does
            """
        ),
        ("server: &s [a]\n? *s\n: 1", "2:3: a key must be a single value"),
        ("server: &s {port: 1}\n*s : 1", "2:1: a key must be a single value"),
        ("*s : 1\n*s : 2", "1:1: a key stands here more than once: *s"),
        ("&s server: {port: 1}\n*s : {port: 2}", "2:1: a key stands here more than once: server"),
        (
            "log: {}\n---\nlog: {}",
            "2:1: this is not YAML: expected a single document in the stream but found another document"
        ),
        ("server:\n  port: 1\n  host: a\n  port: 2", "4:3: a key stands here more than once: port"),
        (
            "middleware:\n  g:\n    values:\n      1: {constant: a}\n      '1': {constant: b}",
            "5:7: a key stands here more than once: 1"
        ),
        ("? [a, b]\n: c", "1:3: a key must be a single value"),
        ("middleware: {g: {values: {? {a: b} : {constant: c}}}}", "1:29: a key must be a single value"),
        ("server: {host: !env HOST}", "1:16: tags such as !env have no meaning here"),
        ("chain: !set [g]", "1:8: tags such as !set have no meaning here"),
        ("server: !map {}", "1:9: tags such as !map have no meaning here"),
        ("- server", "1:1: expected a map, found a list"),
        ("server", "1:1: expected a map, found a single value"),
    ])
    func `what is no YAML, or no configuration, is refused at its place`(_ yaml: String, _ message: String) async {
        #expect(await mistakes(yaml) == "c.yml:\(message)")
    }

    @Test func `an alias is what its anchor says, with its place, and a star elsewhere is a star`() async throws {
        let yaml = """
            chain: &names [request-id, &last access-log]
            middleware:
              access-log:
                exclude: &paths ["/a*", /b*]
              request-id: {header: &name x-id, acceptIncoming: false}
              other: {use: *last, exclude: *paths, headers: [*name, a b*]}
            # *none
            """
        let app = try await Application(yaml: yaml, file: "c.yml")
        #expect(app.chainNames == ["request-id", "access-log"])
        #expect(
            await mistakes(yaml)
                == "c.yml:6:57: middleware.other.headers.1: \"a b*\" is not the name of a header field."
        )
        let second = await mistakes(yaml.replacing("a b*", with: "a*b").replacing("x-id", with: "x id"))
        #expect(
            second == """
                c.yml:5:24: middleware.other.headers.0: "x id" is not the name of a header field.
                c.yml:5:24: middleware.request-id.header: "x id" is not the name of a header field.
                """
        )
    }

    @Test func `a merge key is a key like another, and unknown`() async {
        let message = await mistakes("server: &s\n  port: 1\nlog:\n  <<: *s")
        #expect(message == "c.yml:4:3: log.<<: unknown key. Known: format, level.")
    }

    @Test(arguments: [
        "", "\n", "# nothing", "---", "~", "{}", "server:", "server: {}", "server: ~", "log: null", "log: Null",
        "pool: NULL",
        "server: {limits: , timeouts: , host: , port: }", "middleware: {g: , request-id: ~}",
        "middleware: {access-log: {exclude: }}",
        "\u{FEFF}log: {level: info}", "log:\r\n  level: info\r\n", "middleware: {g: {values: }}",
        "server: {host: &h localhost}\nmiddleware: {g: {values: {a: {constant: *h}}}}",
        "server: {host: 'localhost', port: 0}",
    ])
    func `what is left out, or null, is the default`(_ yaml: String) async {
        #expect(await mistakes(yaml) == "")
    }

    @Test(arguments: [100, 900, 5000, 100_000])
    func `deep nesting is refused and no crash`(_ depth: Int) async {
        let list = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(await mistakes(list).hasPrefix("c.yml:1:"))
        let map = "middleware: " + String(repeating: "{a: ", count: depth) + String(repeating: "}", count: depth)
        #expect(await mistakes(map).hasPrefix("c.yml:1:"))
    }

    @Test func `aliases of aliases do not make a small file endless`() async {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...20 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            yaml += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(await mistakes(yaml).hasSuffix("this is too large for a configuration"))
    }

    @Test func `aliases of aliases in a key do not make a small file endless`() async {
        // 2^60 nodes: who looked at each of them would never come back.
        var yaml = "a0: &a0 [x, x]\n"
        for level in 1...60 { yaml += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(await mistakes(yaml + "? *a60\n: x") == "c.yml:15:18: this is too large for a configuration")
        let few = yaml.split(separator: "\n").prefix(5).joined(separator: "\n")
        #expect(await mistakes(few + "\n? *a4\n: x") == "c.yml:6:3: a key must be a single value")
    }

    @Test func `aliases of aliases do not make a small file bottomless`() async {
        var yaml = "a0: &a0 [x]\n"
        let (open, close) = (String(repeating: "[", count: 40), String(repeating: "]", count: 40))
        for level in 1...500 { yaml += "a\(level): &a\(level) \(open)*a\(level - 1)\(close)\n" }
        #expect(await mistakes(yaml) == "c.yml:4:49: this is nested too deeply for a configuration")
    }

    @Test func `a character that YAML has not is refused`() async {
        #expect(await mistakes("log: \u{0}").hasPrefix("c.yml: this is not YAML: control characters"))
    }

    @Test func `a mistyped option is named beside what its absence leads to`() async {
        let secret = await mistakes("middleware:\n  auth:\n    secrt: \(String(repeating: "x", count: 40))")
            .split(separator: "\n")
        #expect(
            secret.last?.hasPrefix("c.yml:3:5: middleware.auth.secrt: unknown key; did you mean \"secret\"?") == true
        )
        #expect(secret.first?.hasPrefix("c.yml:2:3: middleware.auth: Neither secret nor apiKeys is set") == true)
        let source = await mistakes("middleware:\n  g:\n    values:\n      a: {heder: x}").split(separator: "\n")
        #expect(
            source.last?.hasPrefix("c.yml:4:11: middleware.g.values.a.heder: unknown key; did you mean \"header\"?")
                == true
        )
        #expect(
            source.first
                == "c.yml:4:7: middleware.g.values.a: a value needs exactly one of header, query, cookie, claim and constant, and has 0"
        )
    }

    @Test func `an option that makes no sense is shown at its own line`() async {
        #expect(
            await mistakes("middleware:\n  auth:\n    required: true\n    secret: short")
                == "c.yml:4:13: middleware.auth.secret: The secret is shorter than 32 bytes, and so could be guessed."
        )
        #expect(
            await mistakes("middleware:\n  request-id: {header: a b}")
                == "c.yml:2:24: middleware.request-id.header: \"a b\" is not the name of a header field."
        )
        #expect(
            await mistakes("middleware:\n  g:\n    values: {a: {header: a b}}")
                == "c.yml:3:26: middleware.g.values.a.header: \"a b\" is not the name of a header field"
        )
    }

    @Test func `a file that is too large is not read`() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("large.yml", String(repeating: "# much\n", count: 700_000).utf8)
        let error = await #expect(throws: ConfigurationError.self) { try await Application(configFile: path) }
        #expect(error?.description.contains("larger than 4 MiB") == true)
    }
}
