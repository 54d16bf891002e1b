import Foundation
import TestSupport
import Testing

@testable import Baton

@Suite struct ConfigReferencesTests {
    private let secret = "a-secret-of-more-than-thirty-two-bytes-for-tokens"

    private func application(_ yaml: String, _ environment: [String: String] = [:], file: String = "c.yml") async throws
        -> Application
    {
        try await Application(yaml: yaml, file: file, environment: environment)
    }

    private func mistakes(_ yaml: String, _ environment: [String: String] = [:], file: String = "c.yml") async -> String
    {
        do {
            try await application(yaml, environment, file: file).checkChain()
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func `a value comes from the environment, whole or in parts, as text or as a number`() async throws {
        let yaml = "server: {host: \"${ENV:NAME}.${ENV:DOMAIN}\", port: \"${ENV:PORT}\", backlog: 7}"
        let app = try await application(yaml, ["NAME": "shop", "DOMAIN": "test", "PORT": "81"])
        #expect(app.settings.server.host == "shop.test")
        #expect(app.settings.server.port == 81)
        try app.checkChain()
    }

    @Test func `a dollar sign that begins no reference is itself, and two stand for one`() async throws {
        let yaml = "server: {host: \"a$b$$c\"}\nmiddleware: {request-id: {header: 'x'}}"
        #expect(try await application(yaml).settings.server.host == "a$b$$c")
        #expect(try await application("server: {host: 'a$${ENV:X}'}").settings.server.host == "a${ENV:X}")
    }

    @Test func `a value that ends with a dollar sign leaves the reference behind it alone`() async throws {
        let yaml = "server: {host: '${ENV:NAME}${ENV:DOMAIN}'}"
        let app = try await application(yaml, ["NAME": "a$", "DOMAIN": "b"])
        #expect(app.settings.server.host == "a$b")
        #expect(try await application("server: {host: '$$$${ENV:X}'}").settings.server.host == "$$${ENV:X}")
    }

    @Test func `a value comes from a file beside the configuration, without its last newline`() async throws {
        let folder = try TemporaryFolder()
        for (name, text) in [("lf", "\(secret)\n"), ("crlf", "\(secret)\r\n"), ("none", secret)] {
            _ = try folder.file(name, text.utf8)
            let yaml = "middleware: {auth: {secret: \"${FILE:\(name)}\"}}"
            let app = try await application(yaml, file: "\(folder.path)/config.yml")
            #expect(app.value(at: "middleware", "auth", "secret") == secret)
        }
        let two = try folder.file("two", "one\n\n".utf8)
        #expect(try await application("server: {host: \"${FILE:\(two)}\"}").settings.server.host == "one\n")
    }

    @Test(arguments: [
        ("${ENV:SECRT}", "the environment has no variable SECRT; did you mean SECRET?"),
        ("${ENV:NOTHING}", "the environment variable NOTHING is empty"),
        ("${FILE:nowhere}", "there is no file nowhere"),
        ("${FILE:/}", "/ is no file"),
        ("${FILE:/dev/zero}", "/dev/zero is no file"),
        ("${ENVV:A}", "unknown reference ${ENVV:...}; did you mean \"ENV\"? Known: ENV, FILE."),
        ("${ENV}", "a reference is ${ENV:NAME} or ${FILE:path}; $${ stands for ${ itself"),
        ("${ENV:", "a reference is ${ENV:NAME} or ${FILE:path}; $${ stands for ${ itself"),
        ("${}", "a reference is ${ENV:NAME} or ${FILE:path}; $${ stands for ${ itself"),
    ])
    func `a reference that leads nowhere is one mistake at its line`(_ reference: String, _ message: String) async {
        let yaml = "middleware:\n  auth:\n    secret: \"\(reference)\""
        let found = await mistakes(yaml, ["SECRET": secret, "NOTHING": ""])
        #expect(found == "c.yml:3:13: middleware.auth.secret: \(message)")
    }

    @Test func `what a reference has led to is not shown in a mistake`() async {
        let environment = ["VALUE": "hunter2"]
        for yaml in [
            "server: {port: \"${ENV:VALUE}\"}", "log: {level: \"${ENV:VALUE}\"}", "chain: \"${ENV:VALUE}\"",
            "server: {timeouts: {idle: \"${ENV:VALUE}\"}}", "server: {limits: {body: \"${ENV:VALUE}\"}}",
            "middleware: {access-log: {exclude: [\"${ENV:VALUE}\"]}}", "server: {listen: [\"${ENV:VALUE}\"]}",
        ] {
            let found = await mistakes(yaml, environment)
            #expect(!found.isEmpty && !found.contains("hunter2"), "\(yaml): \(found)")
        }
    }
}
