import Foundation
import Testing

/// The commands that show what a configuration means.
@Suite(.timeLimit(.minutes(2))) struct ChainAndSchemaTests {
    private static let key = "9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f"
    private let config = """
        chain: [request-id, auth]
        chains:
          greeting:
            scope: exactly /hello
            steps: [words]
          users:
            scope: route /user/executor
            steps: [more]
        middleware:
          auth: {required: false, secret: "${ENV:JWT_SECRET}", apiKeys: {alice: "sha256:\(Self.key)"}}
          words: {use: g, values: {a: {constant: b}}}
          more: {use: g}
        """
    private let environment = [
        "JWT_SECRET": "a-very-long-secret-that-is-not-to-be-shown", "BATON_MIDDLEWARE_REQUEST_ID_HEADER": "x-id",
    ]

    private func run(_ arguments: [String]) async throws -> [String] {
        let result = try await BatonProcess.run(arguments, config: config, environment: environment)
        #expect(result.status == 0, "\(result.errors)")
        return result.output.split(separator: "\n")
            .map { line in line.split(separator: "  ").map { $0.trimmingCharacters(in: .whitespaces) } }
            .map { $0.filter { !$0.isEmpty }.joined(separator: " | ") }
    }

    @Test func chainPrintsTheChainOfAPathWithOptionsAndLines() async throws {
        #expect(
            try await run(["chain", "--route", "/hello"]) == [
                "request-id | config.yml:1:9",
                "header: x-id | environment (BATON_MIDDLEWARE_REQUEST_ID_HEADER)",
                "acceptIncoming: true | by default",
                "auth | config.yml:1:21",
                "required: false | config.yml:10:20",
                "secret: ${ENV:JWT_SECRET} | config.yml:10:35",
                "apiKeys.alice: (redacted) | config.yml:10:73",
                "algorithm: nothing | by default",
                "apiKeyHeader: x-api-key | by default",
                "audience: nothing | by default",
                "exempt: [] | by default",
                "issuer: nothing | by default",
                "jwksFile: nothing | by default",
                "keyFile: nothing | by default",
                "leeway: 0s | by default",
                "realm: baton | by default",
                "roles: {} | by default",
                "rolesClaim: roles | by default",
                "scopes: {} | by default",
                "scopesClaim: scope | by default",
                "users: {} | by default",
                "greeting: exactly /hello | config.yml:3:3",
                "words (g) | config.yml:5:13",
                "values.a.constant: b | config.yml:11:42",
                "the handler of /hello",
            ]
        )
    }

    @Test func chainKnowsRoutesAndWhatNobodyAnswers() async throws {
        let route = try await run(["chain", "--route", "/user/executor"])
        #expect(route.contains("more (g) | config.yml:8:13"))
        #expect(!route.contains { $0.hasPrefix("words") })
        #expect(try await run(["chain", "--route", "/nowhere"]).last == "no route answers /nowhere")
        let all = try await run(["chain"])
        #expect(all.contains { $0.hasPrefix("words") } && all.contains { $0.hasPrefix("more") })
    }

    @Test func noSecretIsPrinted() async throws {
        let result = try await BatonProcess.run(["chain"], config: config, environment: environment)
        #expect(!result.output.contains("not-to-be-shown") && !result.output.contains(Self.key))
    }

    @Test func schemaIsJSONAndKnowsEveryKeyOfTheShippedFile() async throws {
        let result = try await BatonProcess.run(["schema"], config: nil)
        #expect(result.status == 0)
        let schema = try #require(
            try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        )
        func node(_ path: String...) -> [String: Any] {
            path.reduce(schema) { ($0["properties"] as? [String: Any])?[$1] as? [String: Any] ?? [:] }
        }
        #expect(schema["additionalProperties"] as? Bool == false)
        for key in ["host", "port", "listen", "limits", "timeouts", "proxies", "overload", "refusals"] {
            #expect(!node("server", key).isEmpty, "\(key)")
        }
        #expect("\(node("server", "timeouts", "idle"))".contains("(ms|s|m|h|d)"))
        #expect("\(node("server", "limits", "body"))".contains("KiB"))
        #expect("\(node("server", "port"))".contains("integer"))
        #expect("\(node("middleware", "request-id", "acceptIncoming"))".contains("boolean"))
        #expect("\(node("middleware", "g", "values"))".contains("cookie"))
        let chain = try #require(node("chains")["additionalProperties"] as? [String: Any])
        #expect(chain["additionalProperties"] as? Bool == false)
        #expect(chain["required"] as? [String] == ["scope"])
        let parts = try #require(chain["properties"] as? [String: Any])
        #expect(parts.keys.sorted() == ["scope", "steps"])
        #expect("\(parts["steps"] ?? "")".contains("access-log"))
        #expect("\(node("middleware"))".contains("use"))
    }
}
