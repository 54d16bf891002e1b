import Foundation
import TestSupport
import Testing

/// The four attacks of slowhttptest, with another client that must not notice.
@Suite("Slow attacks", .enabled(if: Soak.isWanted, Soak.reason), .timeLimit(.minutes(10)), .serialized)
struct SlowAttacksTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let arguments: [String]
    }

    private static let tool = "/usr/bin/slowhttptest"

    static let attacks = [
        Attack(testDescription: "slow headers", arguments: ["-H", "-i", "2", "-t", "GET", "-x", "24"]),
        Attack(testDescription: "slow content", arguments: ["-B", "-i", "2", "-s", "8192", "-t", "POST", "-x", "10"]),
        Attack(testDescription: "ranges", arguments: ["-R", "-a", "10", "-b", "3000", "-t", "HEAD"]),
        Attack(
            testDescription: "slow reading",
            arguments: ["-X", "-w", "512", "-y", "1024", "-n", "2", "-z", "32", "-k", "3"]
        ),
    ]

    @Test(
        "leave other clients served all the while",
        .enabled(if: FileManager.default.isExecutableFile(atPath: tool), "slowhttptest is not installed"),
        arguments: attacks
    )
    func served(_ attack: Attack) async throws {
        try await onThread {
            let server = try ServerProcess()
            let process = Process()
            process.executableURL = URL(filePath: Self.tool)
            process.arguments =
                attack.arguments
                + [
                    "-c", "1000", "-r", "400", "-l", "20", "-p", "3", "-v", "0", "-u",
                    "http://127.0.0.1:\(server.port)/",
                ]
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            process.standardInput = FileHandle.nullDevice
            try process.run()
            defer { kill(process.processIdentifier, SIGKILL) }
            var client = SteadyClient()
            let kept = try RawConnection(port: server.port)
            // An end of its own, should the tool not come to one.
            let end = ContinuousClock.now + .seconds(60)
            while process.isRunning, ContinuousClock.now < end {
                try client.ask(port: server.port)
                try client.ask(port: server.port, over: kept)
                Thread.sleep(forTimeInterval: 0.005)
            }
            print("\(attack.testDescription): \(client.summary)")
            // An attack that the server ends soon lasts no longer than a few seconds.
            #expect(client.waits.count > 300)
            #expect(server.isRunning)
            // Nobody waits as long as an attacker does; a timed test would want far less.
            #expect(client.waits.allSatisfy { $0 < .seconds(5) })
        }
    }
}
