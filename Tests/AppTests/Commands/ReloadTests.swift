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

    private func ask(_ port: Int, _ path: String = "/user/executor", _ fields: String = "") async throws -> String {
        try await onThread {
            let connection = try RawConnection(port: port)
            try connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(fields)\r\n")
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

    @Test func sighupChangesWhichFieldsOfProxiesAreBelieved() async throws {
        func config(_ chain: String, _ headers: String) -> String {
            """
            server: {proxies: {trusted: [127.0.0.1]}}
            chain: [\(chain)]
            middleware: {proxy-headers: {headers: \(headers)}}
            """
        }
        let baton = try BatonProcess.start(["--port", "0"], config: config("proxy-headers, access-log", "x-forwarded"))
        let banner = try await onThread { try baton.readOutput(untilLine: "Try:") }
        let port = try #require(banner.first.flatMap { Int($0.split(separator: ":")[2].prefix { $0.isNumber }) })
        let file = baton.folder.appending(path: "config.yml")
        let fields = "X-Forwarded-For: 192.0.2.7\r\nForwarded: for=192.0.2.8\r\n"
        func client() async throws -> String {
            let answer = try await ask(port, "/echo", fields)
            return ["192.0.2.7", "192.0.2.8", "127.0.0.1"].first { answer.contains("\"client\":\"\($0)\"") } ?? answer
        }
        #expect(try await client() == "192.0.2.7")

        try config("proxy-headers", "forwarded").write(to: file, atomically: true, encoding: .utf8)
        baton.signal(SIGHUP)
        while try await client() == "192.0.2.7" {}
        #expect(try await client() == "192.0.2.8")

        // In a wrong place: nothing changes.
        try config("access-log, proxy-headers", "x-forwarded").write(to: file, atomically: true, encoding: .utf8)
        baton.signal(SIGHUP)
        let mistakes = try await onThread { try baton.readErrors(until: "that logs the client's address") }
        #expect(mistakes.contains("config.yml:2:21: chain.1: "))
        #expect(try await client() == "192.0.2.8")

        try config("", "forwarded").write(to: file, atomically: true, encoding: .utf8)
        baton.signal(SIGHUP)
        while try await client() == "192.0.2.8" {}
        #expect(try await client() == "127.0.0.1")

        baton.signal(SIGTERM)
        let result = try await onThread { try baton.waitForEnd() }
        #expect(result.status == 0)
        #expect(!result.errors.contains("need a restart"))
        #expect(mistakes.contains("client=192.0.2.7"))
    }
}
