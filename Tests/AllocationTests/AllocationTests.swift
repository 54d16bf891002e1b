import Foundation
import Testing

/// What a request allocates, counted in a process of its own: exact, and never more than it was.
///
/// A debug build leaves on the heap what a release build does not, and has bounds of its own; `make test-allocations` holds
/// a release build to those that count.
@Suite struct AllocationTests {
    private struct Build {
        let probe: URL
        /// The most allocations a request may take, by case.
        let bounds: [String: Double]
        /// What two more steps may take.
        let twoSteps: Double
    }

    private static let build: Build = {
        if let release = ProcessInfo.processInfo.environment["ALLOCATION_PROBE"] {
            let bounds = ["steps-0": 7.0, "steps-8": 7, "default-chain": 15]
            return Build(probe: URL(filePath: release), bounds: bounds, twoSteps: 0)
        }
        let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let bounds = ["steps-0": 10.0, "steps-8": 10, "default-chain": 57]
        return Build(probe: folder.appending(path: "AllocationProbe"), bounds: bounds, twoSteps: 0)
    }()

    /// Allocations a request, by case.
    private static let counts = Result { try run(build.probe) }

    private static func run(_ probe: URL) throws -> [String: Double] {
        let process = Process()
        process.executableURL = probe
        process.arguments = [URL(filePath: #filePath).appending(path: "../../../config.yml").standardizedFileURL.path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        // How often a dictionary grows depends on its hashes.
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("BATON_") }
            .merging(["SWIFT_DETERMINISTIC_HASHING": "1"]) { $1 }
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        let pairs = text.split(separator: "\n").map { $0.split(separator: " ") }.filter { $0.count == 2 }
        return Dictionary(pairs.map { (String($0[0]), Double($0[1]) ?? .infinity) }) { first, _ in first }
    }

    @Test(arguments: ["steps-0", "steps-8", "default-chain"])
    func `a request allocates no more than it did`(_ name: String) throws {
        let (count, bound) = (try Self.counts.get()[name], Self.build.bounds[name])
        // Now and then something else in the process has allocated.
        #expect(try #require(count).rounded() <= #require(bound))
    }

    /// With many connections one wait serves several of them, and it is little more than two.
    @Test(arguments: ["steps-0", "steps-8", "default-chain"])
    func `a request on a connection of its own takes a wait, a receive and a send`(_ name: String) throws {
        let calls = try #require(try Self.counts.get()["\(name)-calls"])
        #expect(calls.rounded() == 3)
    }

    @Test func `a body that is taken as it arrives is received without a pause`() throws {
        let changes = try #require(try Self.counts.get()["upload-changes"])
        #expect(changes.rounded() == 0)
    }

    /// Steps keep their frames in the memory of a task that is kept for the next request.
    @Test func `a step that does not suspend allocates nothing`() throws {
        let counts = try Self.counts.get()
        let (none, two) = (try #require(counts["steps-0"]), try #require(counts["steps-2"]))
        #expect((two - none).rounded() <= Self.build.twoSteps)
    }
}
