import Foundation
import TestSupport
import Testing

@testable import App

@Suite(.timeLimit(.minutes(2))) struct NewMiddlewareTests {
    private static let example = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../Examples/CustomMiddleware").standardizedFileURL

    private func template(_ name: String) throws -> MiddlewareTemplate {
        MiddlewareTemplate(name: try #require(MiddlewareName(argument: name)), target: "Shop")
    }

    @Test func `what it writes is the example, which is built and tested`() throws {
        let files = try template("tenant-id").files
        #expect(files.count == 3)
        for file in files {
            let text = try String(contentsOf: Self.example.appending(path: file.path), encoding: .utf8)
            #expect(file.text == text, "\(file.path)")
        }
    }

    @Test func `another name is the only difference`() throws {
        let spellings = [("tenant-id", "plan"), ("TenantID", "Plan"), ("tenantID", "plan")]
        for (file, other) in zip(try template("tenant-id").files, try template("plan").files) {
            let expected = spellings.reduce(file.text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
            #expect(other.text == expected)
        }
    }

    @Test func `names are spelled as types and properties are`() throws {
        let names = try ["tenant", "tenant-id", "id-token", "a-2b-url"].map { try template($0).name }
        #expect(names.map(\.type) == ["Tenant", "TenantID", "IDToken", "A2bURL"])
        #expect(names.map(\.property) == ["tenant", "tenantID", "idToken", "a2bURL"])
    }

    @Test(arguments: [
        "", "-", "Tenant", "tenant_id", "tenant--id", "-tenant", "tenant-", "2fa", "ténant", "a b", "../a", "a/b", "²",
    ])
    func `what is not in kebab-case is no name`(name: String) { #expect(MiddlewareName(argument: name) == nil) }

    @Test(arguments: ["auth", "class", "user", "logger"])
    func `a name that is taken is refused with the reason`(name: String) throws {
        #expect(try template(name).name.objection != nil)
        #expect(try template("\(name)-of-mine").name.objection == nil)
    }

    @Test func `it writes into a package once, and says what comes next`() async throws {
        let temporary = try TemporaryFolder()
        defer { withExtendedLifetime(temporary) {} }
        let folder = temporary.path
        try FileManager.default.createDirectory(atPath: "\(folder)/Sources/Shop", withIntermediateDirectories: true)
        let arguments = ["new", "middleware", "tenant-id", "--into", folder]
        let first = try await BatonProcess.run(arguments, config: nil)
        #expect(first.status == 0)
        #expect(first.output.contains("wrote Sources/Shop/TenantIDMiddleware.swift\n"))
        #expect(first.output.contains("app.register(TenantIDMiddleware.self)"))
        let path = "\(folder)/Sources/Shop/TenantIDMiddleware.swift"
        try "mine".write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.removeItem(atPath: "\(folder)/docs")
        let second = try await BatonProcess.run(arguments, config: nil)
        #expect(second.status == 1)
        #expect(
            second.errors.contains(
                "Sources/Shop/TenantIDMiddleware.swift is there already, and nothing was written"
            )
        )
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/docs"))
    }

    @Test func `it asks for the target where there are several, and for the package where there is none`() async throws
    {
        let temporary = try TemporaryFolder()
        defer { withExtendedLifetime(temporary) {} }
        let folder = temporary.path
        let arguments = ["new", "middleware", "tenant-id", "--into", folder]
        let none = try await BatonProcess.run(arguments, config: nil)
        #expect(none.errors.contains("has no folder Sources: say with --into where the package is."))
        for target in ["Shop", "Bank"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/Sources/\(target)",
                withIntermediateDirectories: true
            )
        }
        let several = try await BatonProcess.run(arguments, config: nil)
        #expect(several.errors.contains("has Bank, Shop."))
        let unknown = try await BatonProcess.run(arguments + ["--target", "Shp"], config: nil)
        #expect(unknown.errors.contains("has no Shp, only Bank, Shop."))
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/docs"))
        let right = try await BatonProcess.run(arguments + ["--target", "Bank"], config: nil)
        #expect(right.status == 0)
        #expect(FileManager.default.fileExists(atPath: "\(folder)/Tests/BankTests/TenantIDMiddlewareTests.swift"))
    }
}
