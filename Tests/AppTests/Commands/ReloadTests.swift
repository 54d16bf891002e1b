import Foundation
import TestSupport
import Testing

/// SIGHUP, as an operator sends it.
@Suite(.timeLimit(.minutes(2))) struct ReloadTests {
    private static func config(_ value: String) -> String {
        """
        chain: [request-id, g]
        middleware: {g: {values: {userID: {constant: \(value)}}}}
        """
    }

    private func ask(_ port: Int) async throws -> String {
        try await onThread {
            let connection = try RawConnection(port: port)
            try connection.send("GET /user/executor HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            return try connection.receiveResponse().body
        }
    }

    @Test func sighupServesByTheChangedFileAndAWrongOneChangesNothing() async throws {
        let baton = try BatonProcess.start(["--port", "0"], config: Self.config("one"))
        let banner = try await onThread { try baton.readOutput(untilLine: "Try:") }
        let port = try #require(banner.first.flatMap { Int($0.split(separator: ":")[2].prefix { $0.isNumber }) })
        let file = baton.folder.appending(path: "config.yml")
        #expect(try await ask(port) == "one\n")

        try Self.config("two").write(to: file, atomically: true, encoding: .utf8)
        baton.signal(SIGHUP)
        while try await ask(port) == "one\n" {}
        #expect(try await ask(port) == "two\n")

        try "chain: [request-id, gg]\nserver: {prot: 1}".write(to: file, atomically: true, encoding: .utf8)
        baton.signal(SIGHUP)
        let mistakes = try await onThread { try baton.readErrors(until: "server.prot") }
        #expect(mistakes.contains("configuration not reloaded: the one before goes on"))
        #expect(mistakes.contains("config.yml:1:21: chain.1: unknown middleware"))
        #expect(mistakes.contains("config.yml:2:10: server.prot: unknown key; did you mean"))
        #expect(try await ask(port) == "two\n")

        baton.signal(SIGTERM)
        let result = try await onThread { try baton.waitForEnd() }
        #expect(result.status == 0)
    }
}
