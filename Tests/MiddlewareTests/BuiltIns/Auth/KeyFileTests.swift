import ContextPool
import EventServer
import Foundation
import HTTPTypes
import Synchronization
import TestSupport
import Testing

@testable import Middleware

@Suite struct KeyFileTests {
    private final class Clock: Sendable {
        let now = Mutex(Duration.zero)

        func advance(_ duration: Duration) { now.withLock { $0 += duration } }
    }

    private let folder: TemporaryFolder
    private let exchange: TestExchange
    private let clock = Clock()

    init() throws {
        folder = try TemporaryFolder()
        exchange = try TestExchange()
    }

    /// A key for each line of the file.
    private func open(_ path: String) async throws -> KeyFile {
        let now: @Sendable () -> Duration = { [clock] in clock.now.withLock { $0 } }
        return try await KeyFile(path, logger: exchange.logs.makeLogger(), now: now) { data throws(TokenFault) in
            let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
            guard !lines.isEmpty else { throw TokenFault("it has no lines") }
            var keys: [TokenKey] = []
            for line in lines { keys.append(try TokenKey(secret: String(line), .hs256)) }
            return keys
        }
    }

    private static let line = "a-line-that-is-long-enough-to-be-a-secret\n"
    private static let two = Array((line + line).utf8)
    private static let one = Array(line.utf8)

    private func count(_ file: KeyFile) async -> Int { await file.keys(on: exchange.app.pool).count }

    @Test func `a changed file is read anew, once a second at most`() async throws {
        let file = try await open(try folder.file("keys", Self.one))
        _ = try folder.file("keys", Self.two, modified: 784_111_778)
        clock.advance(.milliseconds(999))
        #expect(await count(file) == 1)
        clock.advance(.milliseconds(1))
        #expect(await count(file) == 2)
        #expect(exchange.logs.lines.map(\.message) == ["keys were read anew"])
        _ = try folder.file("keys", Self.one, modified: 784_111_779)
        #expect(await count(file) == 2)
        clock.advance(.seconds(1))
        #expect(await count(file) == 1)
    }

    @Test func `a file that has not changed is not read`() async throws {
        let file = try await open(try folder.file("keys", Self.one))
        for _ in 0..<3 {
            clock.advance(.seconds(1))
            #expect(await count(file) == 1)
        }
        #expect(exchange.logs.lines.isEmpty)
    }

    @Test func `a broken file keeps the keys, and says why, once`() async throws {
        let file = try await open(try folder.file("keys", Self.two))
        for text in ["", "short\n"] {
            _ = try folder.file("keys", Array(text.utf8), modified: 784_111_780)
            for _ in 0..<3 {
                clock.advance(.seconds(1))
                #expect(await count(file) == 2)
            }
        }
        try FileManager.default.removeItem(atPath: "\(folder.path)/keys")
        clock.advance(.seconds(1))
        #expect(await count(file) == 2)
        let errors = exchange.logs.lines.map { $0.metadata["error"] ?? "" }
        #expect(errors.count == 3)
        #expect(errors.first == "it has no lines")
        #expect(errors.last == "there is no such file, or it may not be read")
        _ = try folder.file("keys", Self.one, modified: 784_111_780)
        clock.advance(.seconds(1))
        #expect(await count(file) == 1)
    }

    @Test func `a file that is mended to what it was is quiet, and read`() async throws {
        let file = try await open(try folder.file("keys", Self.one))
        _ = try folder.file("keys", [], modified: 1)
        clock.advance(.seconds(1))
        #expect(await count(file) == 1)
        _ = try folder.file("keys", Self.two, modified: 2)
        clock.advance(.seconds(1))
        #expect(await count(file) == 2)
    }

    @Test func `a pool that has no room leaves the keys as they are`() async throws {
        let file = try await open(try folder.file("keys", Self.one))
        _ = try folder.file("keys", Self.two, modified: 784_111_778)
        clock.advance(.seconds(1))
        await exchange.app.pool.shutDown(.finishPending)
        #expect(await count(file) == 1)
        let other = try ContextPool(workers: 1, queueLimit: 4)
        clock.advance(.seconds(1))
        #expect(await file.keys(on: other).count == 2)
    }

    @Test func `a file that is too large, a folder and nothing are refused at the start`() async throws {
        let large = try folder.file("large", [UInt8](repeating: 10, count: 1 << 20 + 1))
        for path in [large, folder.path, folder.path + "/none"] {
            await #expect(throws: OptionsError.self) { try await open(path) }
        }
    }

    @Test func `a set that changes lets the new key in and the old one out`() async throws {
        let path = try folder.file("jwks.json", "{\"keys\":[\(SigningKeys.jwk(.es256, kid: "old"))]}".utf8)
        var auth = try AuthMiddleware(
            options: options(#"{"jwksFile": "\#(path)"}"#),
            now: { [clock] in clock.now.withLock { $0 } },
            date: { 0 }
        )
        try await auth.start(in: exchange.setup)
        let (old, new) = (
            try await SigningKeys.sign(.es256, kid: "old"), try await SigningKeys.sign(.edDSA, kid: "new")
        )
        let started = auth
        func status(_ token: String) async throws -> Int {
            try await exchange.send(.test(fields: ["Authorization: Bearer \(token)"]), through: [started]).status.code
        }
        #expect(try await status(old) == 200)
        #expect(try await status(new) == 401)
        _ = try folder.file("jwks.json", "{\"keys\":[\(SigningKeys.jwk(.edDSA, kid: "new"))]}".utf8, modified: 1)
        clock.advance(.seconds(1))
        #expect(try await status(new) == 200)
        #expect(try await status(old) == 401)
    }
}
