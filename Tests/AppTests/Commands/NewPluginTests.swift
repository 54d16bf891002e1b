import Foundation
import TestSupport
import Testing

@testable import App

@Suite(.timeLimit(.minutes(2))) struct NewPluginTests {
    private static let repository = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../").standardizedFileURL

    private func template(_ name: String, baton: String = "../..") throws -> PluginTemplate {
        PluginTemplate(name: try #require(MiddlewareName(argument: name)), baton: baton)
    }

    @Test func `what it writes is the example, which is built and tested`() throws {
        let example = Self.repository.appending(path: "Examples/LoadablePlugin")
        let files = try template("tenant-id").files
        #expect(files.count == 7)
        for file in files {
            let text = try String(contentsOf: example.appending(path: file.path), encoding: .utf8)
            #expect(file.text == text, "\(file.path)")
        }
    }

    @Test func `another name is the only difference`() throws {
        let spellings = [("tenant-id", "plan"), ("TenantID", "Plan"), ("tenantID", "plan")]
        for (file, other) in zip(try template("tenant-id").files, try template("plan").files) {
            #expect(other.text == spellings.reduce(file.text) { $0.replacingOccurrences(of: $1.0, with: $1.1) })
        }
    }

    @Test func `it writes a package once, finds Baton by itself, and says what comes next`() async throws {
        let folder = try TemporaryFolder()
        let into = "\(folder.path)/mine"
        let arguments = ["new", "plugin", "tenant-id", "--into", into]
        let first = try await BatonProcess.run(arguments, config: nil)
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.output.contains("swift build -c release"))
        let manifest = try String(contentsOfFile: "\(into)/Package.swift", encoding: .utf8)
        let path = manifest.split(separator: "path: \"").last.flatMap { $0.split(separator: "\"").first }
        #expect(path?.split(separator: "/") == Self.repository.path.split(separator: "/"), "\(manifest)")
        let second = try await BatonProcess.run(arguments, config: nil)
        #expect(second.status == 1)
        #expect(second.errors.contains("Package.swift is there already, and nothing was written"))
    }

    @Test(arguments: ["logging", "event-server", "baton"])
    func `a name that a library has is refused with the reason`(name: String) throws {
        #expect(PluginTemplate.objection(to: try #require(MiddlewareName(argument: name))) != nil)
        #expect(PluginTemplate.objection(to: try #require(MiddlewareName(argument: "\(name)-of-mine"))) == nil)
    }

    @Test func `a folder without Baton is told, and nothing is written`() async throws {
        let folder = try TemporaryFolder()
        let arguments = ["new", "plugin", "tenant-id", "--into", "\(folder.path)/mine", "--baton", folder.path]
        let result = try await BatonProcess.run(arguments, config: nil)
        #expect(result.status != 0)
        #expect(result.errors.contains("has no Package.swift of Baton"))
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/mine"))
    }

    @Test func `what it writes compiles and is loaded`() async throws {
        let folder = try TemporaryFolder()
        let module = "TenantIDPlugin"
        let sources = try template("tenant-id").files.filter { $0.path.hasPrefix("Sources/") }
            .map { file in
                let url = URL(filePath: folder.path).appending(path: URL(filePath: file.path).lastPathComponent)
                try Data(file.text.utf8).write(to: url)
                return url
            }
        try await BuiltPlugin.compile(sources, module: module, into: "\(folder.path)/libTenantID.so")
        let yaml = "plugins: [libTenantID.so]\nchain: [tenant-id]\nmiddleware: {tenant-id: {header: two words}}"
        try yaml.write(toFile: "\(folder.path)/config.yml", atomically: true, encoding: .utf8)
        let check = try await BatonProcess.run(["check", "-c", "\(folder.path)/config.yml"], config: nil)
        // Its own mistakes have their lines as all others have.
        #expect(check.errors.contains("config.yml:3:34: middleware.tenant-id.header: \"two words\" is no name"))
    }
}
