import Foundation
import TestSupport

/// The built binary, run as an operator runs it, in a temporary folder.
final class BatonProcess: Sendable {
    struct Result: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    private static var binary: URL {
        // Beside the test bundle, in the same build folder.
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "baton")
    }

    let folder: URL
    private let process: Process
    private let output = Pipe()
    private let errors = Pipe()

    private init(folder: URL, process: Process) {
        self.folder = folder
        self.process = process
    }

    /// Starts the binary with a `config.yml` in a folder of its own.
    ///
    /// With `descriptors` it may have so many open at once, and no more. With `inherited` it has that socket as its
    /// descriptor 3, handed down as systemd does.
    static func start(
        _ arguments: [String],
        config: String?,
        environment: [String: String] = [:],
        descriptors: Int? = nil,
        inherited: FileHandle? = nil
    ) throws -> BatonProcess {
        let folder = FileManager.default.temporaryDirectory.appending(path: "baton-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if let config { try config.write(to: folder.appending(path: "config.yml"), atomically: true, encoding: .utf8) }
        let process = Process()
        let baton = BatonProcess(folder: folder, process: process)
        process.executableURL = descriptors == nil ? binary : URL(filePath: "/bin/sh")
        process.arguments = arguments
        if let descriptors {
            process.arguments = ["-c", "ulimit -n \(descriptors); exec \"$0\" \"$@\"", binary.path] + arguments
        }
        if let inherited {
            process.executableURL = URL(filePath: "/bin/sh")
            let handOver = "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web exec \"$0\" \"$@\""
            process.arguments = ["-c", handOver, binary.path] + arguments
            process.standardInput = inherited
        }
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("BATON_") }
            .merging(environment) { $1 }
        process.standardOutput = baton.output
        process.standardError = baton.errors
        try process.run()
        return baton
    }

    /// Runs the binary to its end.
    static func run(
        _ arguments: [String],
        config: String?,
        environment: [String: String] = [:]
    ) async throws -> Result {
        let baton = try start(arguments, config: config, environment: environment)
        return try await onThread { try baton.waitForEnd() }
    }

    /// The lines of standard output up to one that begins with `prefix`; blocks.
    func readOutput(untilLine prefix: String) throws -> [String] {
        var text = ""
        while true {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw RawConnection.Failure(description: "ended before '\(prefix)': \(text)") }
            text += String(decoding: data, as: UTF8.self)
            let lines = text.split(separator: "\n").map(String.init)
            if text.hasSuffix("\n"), lines.contains(where: { $0.hasPrefix(prefix) }) { return lines }
        }
    }

    /// What stands in standard error up to `text`, and a little more; blocks.
    func readErrors(until wanted: String) throws -> String {
        var text = ""
        while !text.contains(wanted) {
            let data = errors.fileHandleForReading.availableData
            guard !data.isEmpty else { throw RawConnection.Failure(description: "ended before '\(wanted)': \(text)") }
            text += String(decoding: data, as: UTF8.self)
        }
        return text
    }

    /// Closes the reading end of standard error, as a log reader does that has died.
    func closeErrors() { try? errors.fileHandleForReading.close() }

    /// Blocks until the process has ended, and reads nothing; returns its status.
    func waitForExit() throws -> Int32 {
        process.waitUntilExit()
        try FileManager.default.removeItem(at: folder)
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Blocks until the process has ended.
    func waitForEnd() throws -> Result {
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let mistakes = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try FileManager.default.removeItem(at: folder)
        return Result(
            status: process.terminationStatus,
            output: String(decoding: text, as: UTF8.self),
            errors: String(decoding: mistakes, as: UTF8.self)
        )
    }
}
