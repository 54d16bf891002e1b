import Foundation
import TestSupport
import Testing

@testable import Baton

@Suite(.timeLimit(.minutes(1))) struct PluginSettingsTests {
    private func mistakes(_ yaml: String, file: String = "config.yml") async throws -> [String] {
        let app = try await Application(yaml: yaml, file: file)
        let error = #expect(throws: ConfigurationError.self) { try app.checkChain() }
        return error?.description.split(separator: "\n").map(String.init) ?? []
    }

    @Test func allMistakesAreToldAtOnceEachAtItsPlace() async throws {
        let folder = try TemporaryFolder()
        try Data("text".utf8).write(to: URL(filePath: "\(folder.path)/libText.so"))
        let file = "\(folder.path)/config.yml"
        let yaml = """
            plugins:
              - libNone.so
              - ""
              - libText.so
              - ./libText.so
              - {a: b}
              - .
            chain: [request-id, acces-log, tenant]
            server: {prt: 1}
            """
        let found = try await mistakes(yaml, file: file).map { $0.replacing("\(folder.path)/", with: "") }
        let expected = [
            "config.yml:2:5: plugins.0: libNone.so: there is no such file",
            "config.yml:3:5: plugins.1: expected a path",
            "config.yml:4:5: plugins.2: libText.so: is no shared library",
            "config.yml:5:5: plugins.3: ./libText.so is the same file as libText.so: leave one of them out",
            "config.yml:6:5: plugins.4: ", "config.yml:7:5: plugins.5: .: is no file",
            // What may be of a plug-in that could not be loaded is no mistake of its own; what is mistyped is.
            "config.yml:8:21: chain.1: unknown middleware \"acces-log\"; did you mean \"access-log\"?",
            "config.yml:9:10: server.prt: unknown key",
        ]
        #expect(found.count == expected.count, "\(found)")
        for (line, beginning) in zip(found, expected) { #expect(line.hasPrefix(beginning), "\(line)") }
    }

    @Test func withoutPluginsAnUnknownNameIsAMistake() async throws {
        #expect(try await mistakes("chain: [tenant]").count == 1)
        #expect(try await mistakes("plugins: []\nchain: [tenant]").count == 1)
        let options = "plugins: [libNone.so]\nchain: [tenant]\nmiddleware: {tenant: {header: a}}"
        #expect(try await mistakes(options).count == 1)
        // Here it is the consequence of another one.
        #expect(try await mistakes("plugins: libNone.so\nchain: [tenant]").count == 1)
    }

    @Test func theSchemaKnowsTheKeyAndTellsOfFilesThatCannotBeLoaded() async throws {
        #expect(try await Application(yaml: "").configurationSchema.contains("\"plugins\""))
        let broken = try await Application(yaml: "plugins: [libNone.so]\nchain: [nobody]")
        let error = #expect(throws: ConfigurationError.self) { try broken.configurationSchema }
        #expect(error?.description.hasPrefix("config.yml:1:11: plugins.0: libNone.so: ") == true)
    }
}
