import Foundation
import TestSupport
import Testing

/// What takes minutes runs only when it is asked for, by `make soak`.
enum Soak {
    static let isWanted = ProcessInfo.processInfo.environment["BATON_SOAK"] != nil
    static let reason: Comment = "takes minutes: 'make soak' runs it"

    /// How long the random clients run.
    static var seconds: Int { Int(ProcessInfo.processInfo.environment["BATON_SOAK"] ?? "") ?? 30 }
}

/// The server binary in a process of its own, so that what is measured is the server alone.
final class ServerProcess: Sendable {
    let port: Int
    private let folder: URL
    private let process = Process()

    init() throws {
        port = try FreePort.find()
        folder = FileManager.default.temporaryDirectory.appending(path: "baton-soak-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // All clients have one address here, and a connection brings more requests than one of the open internet would.
        let config = """
            server:
              port: \(port)
              limits: {connectionsPerAddress: 0, requestsPerConnection: 0}
              timeouts: {idle: 10m}
            chain: []

            """
        try Data(config.utf8).write(to: folder.appending(path: "config.yml"))
        // Beside the test bundle, in the same build folder.
        process.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "baton")
        process.arguments = ["serve"]
        process.currentDirectoryURL = folder
        // BATON_SOAK is no setting of the server, which refuses what it does not know.
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("BATON_") }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        while (try? RawConnection(port: port)) == nil {
            guard process.isRunning else { throw RawConnection.Failure(description: "the server does not start") }
            usleep(1000)
        }
    }

    deinit {
        // Not asked but killed: it may be in the middle of an attack, or born with signals blocked.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    var isRunning: Bool { process.isRunning }

    /// What the process holds in memory, in bytes.
    func residentSize() throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/smaps_rollup", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("Pss:") } ?? ""
        return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }
}

/// A client like any other, that asks again and again and counts how long it waits.
struct SteadyClient {
    private(set) var waits: [Duration] = []

    mutating func ask(port: Int, path: String = "/", over connection: RawConnection? = nil) throws {
        let clock = ContinuousClock()
        let start = clock.now
        let connection = try connection ?? RawConnection(port: port)
        try connection.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
        let response = try connection.receiveResponse()
        guard response.status == 200 else { throw RawConnection.Failure(description: response.statusLine) }
        waits.append(clock.now - start)
    }

    /// Median, 99th of a hundred, and the longest.
    var summary: String {
        let sorted = waits.sorted()
        guard let last = sorted.last else { return "nobody asked" }
        let shares = [sorted[sorted.count / 2], sorted[sorted.count * 99 / 100], last]
        let texts = shares.map {
            "\($0.components.attoseconds / 1_000_000_000_000 + $0.components.seconds * 1_000_000) us"
        }
        return "\(waits.count) requests: median \(texts[0]), p99 \(texts[1]), longest \(texts[2])"
    }
}
