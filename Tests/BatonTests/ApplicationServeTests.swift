import Baton
import Foundation
import TestSupport
import Testing

@Suite struct ApplicationServeTests {
    private struct NoDatabase: Error, CustomStringConvertible {
        let description = "The database does not answer."
    }

    @Test func `a configuration that is not there is one line and status 1, not a crash`() async {
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            await Application.serve(configFile: "/no/such/config.yml") { _ in }
        }
        let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(said.contains("/no/such/config.yml"))
        #expect(said.split(separator: "\n").count == 1)
    }

    @Test func `mistakes of the configuration are lines with their places, and status 1`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/c.yml"
        try "servr: {}\nchain: [tenannt]\n".write(toFile: path, atomically: true, encoding: .utf8)
        defer { withExtendedLifetime(folder) {} }
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            [path = path as String] in
            await Application.serve(configFile: path) { _ in }
        }
        let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(said.contains("c.yml:1:1: servr: unknown key"))
        #expect(said.contains("c.yml:2:"))
    }

    @Test func `what the parts throw is told, and status 1`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/c.yml"
        try "server: {port: 0}\n".write(toFile: path, atomically: true, encoding: .utf8)
        defer { withExtendedLifetime(folder) {} }
        let result = await #expect(processExitsWith: .exitCode(1), observing: [\.standardErrorContent]) {
            [path = path as String] in
            await Application.serve(configFile: path) { _ in throw NoDatabase() }
        }
        #expect(result?.standardErrorContent == Array("\(NoDatabase())\n".utf8))
    }
}
