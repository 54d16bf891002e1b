import Foundation
import TestSupport
import Testing

@testable import App

/// The server as a process, with the signals that an operator and his tools send.
@Suite(.timeLimit(.minutes(2))) struct ServeTests {
    private static let slowConfig = DemoApplication.yaml + "\nserver: { timeouts: { drain: 20s } }"

    private static func port(in banner: [String]) throws -> Int {
        let line = try #require(banner.first { $0.hasPrefix("Baton listens on http://127.0.0.1:") })
        return try #require(Int(line.split(separator: ":")[2].prefix { $0.isNumber }))
    }

    @Test func theBannerNamesAddressLoopsChainAndALineThatWorks() async throws {
        let baton = try BatonProcess.start(["--port", "0"], config: DemoApplication.yaml)
        let banner = try await onThread { try baton.readOutput(untilLine: "Try:") }
        #expect(banner[0].contains(" loops and "))
        #expect(banner[1] == "Chain: request-id -> access-log -> auth -> g -> handler")
        let line = try #require(banner[2].split(separator: "Try:").last).trimmingCharacters(in: .whitespaces)
        #expect(line.hasPrefix("curl -H 'user-id: alice' http://127.0.0.1:"))
        let answer = try await onThread { try Self.shell(line.replacing("curl ", with: "curl -s ")) }
        #expect(answer == "alice\n")
        baton.signal(SIGTERM)
        let result = try await onThread { try baton.waitForEnd() }
        #expect(result.status == 0)
        #expect(result.errors.contains("stopped"))
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func aSignalUnderLoadLosesNoRequestThatWasAccepted(signal: Int32) async throws {
        let baton = try BatonProcess.start(["--port", "0", "--log-level", "warning"], config: Self.slowConfig)
        let port = try Self.port(in: try await onThread { try baton.readOutput(untilLine: "Try:") })
        let started = Gate()
        let counts = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { try await onThread { try Self.requestUntilClosed(port: port, started: started) } }
            }
            group.addTask {
                await started.opened()
                baton.signal(signal)
                return 0
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(counts.reduce(0, +) > 0)
        let result = try await onThread { try baton.waitForEnd() }
        #expect(result.status == 0)
        #expect(!result.errors.contains("drain deadline passed"))
    }

    @Test func aRequestWhoseJobRunsAtTheSignalIsAnsweredAndItsImportIsFinished() async throws {
        let baton = try BatonProcess.start(["--port", "0"], config: Self.slowConfig)
        let port = try Self.port(in: try await onThread { try baton.readOutput(untilLine: "Try:") })
        let response = try await onThread {
            let connection = try RawConnection(port: port)
            try connection.send("POST /orders/import HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n7")
            let response = try connection.receiveResponse()
            // The job sleeps now, and the signal comes while it runs.
            baton.signal(SIGTERM)
            return response
        }
        #expect(response.status == 202)
        let result = try await onThread { try baton.waitForEnd() }
        #expect(result.status == 0)
        #expect(!result.errors.contains("jobs were left behind"))
    }

    @Test func aSecondSignalEndsItAtOnceAndTheStatusTells() async throws {
        let baton = try BatonProcess.start(["--port", "0"], config: Self.slowConfig)
        let port = try Self.port(in: try await onThread { try baton.readOutput(untilLine: "Try:") })
        let result = try await onThread {
            let connection = try RawConnection(port: port)
            // Its body never comes, so that there is something to wait for once the server has it.
            try connection.send(
                "POST /orders/import HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n"
            )
            _ = try connection.receive(until: "100 Continue\r\n\r\n")
            baton.signal(SIGTERM)
            baton.signal(SIGINT)
            return try withExtendedLifetime(connection) { try baton.waitForEnd() }
        }
        #expect(result.status == 1)
        #expect(result.errors.contains("Stopped at once, at a second signal"), "\(result.errors)")
    }

    @Test func aServerOutOfDescriptorsPausesAndThenServesAgain() async throws {
        let arguments = ["--port", "0", "--log-level", "warning"]
        let baton = try BatonProcess.start(arguments, config: DemoApplication.yaml, descriptors: 60)
        let port = try Self.port(in: try await onThread { try baton.readOutput(untilLine: "Try:") })
        let response = try await onThread {
            // More than it can accept: the system completes them, and they wait. All are let go where the scope ends.
            do {
                let first = try RawConnection(port: port)
                let request = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
                try first.send(request)
                #expect(try first.receiveResponse().status == 200)
                let crowd = try (0..<100).map { _ in try RawConnection(port: port) }
                // Whoever is in stays served.
                try first.send(request)
                #expect(try first.receiveResponse().status == 200)
                #expect(crowd.count == 100)
            }
            let late = try RawConnection(port: port)
            try late.send("GET /user/executor HTTP/1.1\r\nHost: a\r\nuser-id: alice\r\n\r\n")
            return try late.receiveResponse()
        }
        #expect(response.body == "alice\n")
        baton.signal(SIGTERM)
        let result = try await onThread { try baton.waitForEnd() }
        #expect(result.status == 0)
        #expect(result.errors.contains("accepting pauses"))
    }

    @Test func aLogReaderThatLeavesOrStandsStillStopsNeitherTheServerNorItsEnd() async throws {
        for closesReader in [true, false] {
            let baton = try BatonProcess.start(["--port", "0"], config: DemoApplication.yaml)
            let port = try Self.port(in: try await onThread { try baton.readOutput(untilLine: "Try:") })
            if closesReader { baton.closeErrors() }
            try await onThread {
                // More lines than a pipe holds, and nobody reads them.
                let connection = try RawConnection(port: port)
                for _ in 0..<2000 {
                    try connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try connection.receiveResponse().status == 200)
                }
            }
            baton.signal(SIGTERM)
            #expect(try await onThread { try baton.waitForExit() } == 0)
        }
    }

    @Test func aTakenPortIsAnErrorWithANextStep() async throws {
        let first = try BatonProcess.start(["--port", "0"], config: DemoApplication.yaml)
        let port = try Self.port(in: try await onThread { try first.readOutput(untilLine: "Try:") })
        let second = try await BatonProcess.run(["--port", "\(port)"], config: DemoApplication.yaml)
        #expect(second.status == 1)
        #expect(second.errors.contains("Cannot listen on 127.0.0.1, port \(port)"))
        #expect(second.errors.contains("--port"))
        first.signal(SIGTERM)
        _ = try await onThread { try first.waitForEnd() }
    }

    /// Sends requests over one connection until the server closes it; every one that was sent whole is answered, the last
    /// with `Connection: close`, unless the connection was idle when the server closed it.
    private static func requestUntilClosed(port: Int, started: Gate) throws -> Int {
        let connection = try RawConnection(port: port)
        var count = 0
        while count < 1_000_000 {
            do {
                try connection.send("GET /user/executor HTTP/1.1\r\nHost: a\r\nuser-id: u\r\n\r\n")
            } catch {
                return count
            }
            let response: RawResponse
            do {
                response = try connection.receiveResponse()
            } catch let failure as RawConnection.Failure {
                // Closed while idle, before this request arrived: nothing of an answer may have come.
                #expect(failure.description == "the connection ended within: " || failure.description.contains("errno"))
                return count
            }
            #expect(response.body == "u\n")
            count += 1
            if count == 100 { started.open() }
            if response.headers["connection"] == "close" { return count }
        }
        return count
    }

    private static func shell(_ line: String) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", line]
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
