import Foundation
import TestSupport

/// A plug-in that is compiled by a test, against the modules that the test was built with: SwiftPM would build all of Baton anew.
struct BuiltPlugin {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let products = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../").standardizedFileURL

    /// Compiles sources into a library.
    ///
    /// - Parameters:
    ///   - sources: The files.
    ///   - module: The name of the module.
    ///   - library: Where the library is to be.
    /// - Throws: ``Failure`` with what the compiler says.
    static func compile(_ sources: [URL], module: String, into library: String) async throws {
        // The modules of Baton lead to modules of C, and these are found by their maps alone.
        let maps =
            moduleMaps(below: Self.sources.appending(path: "Sources"))
            + moduleMaps(below: products.appending(path: "../../checkouts"))
        let arguments =
            ["swiftc", "-emit-library", "-o", library, "-module-name", module, "-swift-version", "6", "-I"]
            + [products.appending(path: "Modules").path] + maps.flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
            + sources.map(\.path)
        try await onThread {
            let process = Process()
            let messages = Pipe()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = arguments
            process.standardError = messages
            process.standardOutput = messages
            try process.run()
            let text = String(decoding: messages.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            guard process.terminationStatus == 0 else { throw Failure(description: text) }
        }
    }

    /// Compiles one source into a library.
    static func compile(_ source: String, module: String, into library: String) async throws {
        let folder = try TemporaryFolder()
        let file = URL(filePath: "\(folder.path)/\(module).swift")
        try Data(source.utf8).write(to: file)
        try await compile([file], module: module, into: library)
    }

    private static func moduleMaps(below folder: URL) -> [String] {
        let found = FileManager.default.enumerator(at: folder.standardizedFileURL, includingPropertiesForKeys: nil)
        guard let files = found else { return [] }
        return files.compactMap { $0 as? URL }
            .filter { $0.lastPathComponent == "module.modulemap" && !$0.path.contains("/Tests/") }
            .map(\.path)
    }
}
