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
    }

    private static let build: Build = {
        if let release = ProcessInfo.processInfo.environment["BATON_ALLOCATION_PROBE"] {
            return Build(probe: URL(filePath: release), bounds: ["steps-0": 29, "steps-8": 35, "default-chain": 59])
        }
        let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let bounds = ["steps-0": 51.0, "steps-8": 61, "default-chain": 200]
        return Build(probe: folder.appending(path: "AllocationProbe"), bounds: bounds)
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
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        let pairs = text.split(separator: "\n").map { $0.split(separator: " ") }.filter { $0.count == 2 }
        return Dictionary(pairs.map { (String($0[0]), Double($0[1]) ?? .infinity) }) { first, _ in first }
    }

    @Test(arguments: ["steps-0", "steps-8", "default-chain"])
    func `a request allocates no more than it did`(_ name: String) throws {
        let (count, bound) = (try Self.counts.get()[name], Self.build.bounds[name])
        #expect(try #require(count) <= #require(bound))
    }
}
