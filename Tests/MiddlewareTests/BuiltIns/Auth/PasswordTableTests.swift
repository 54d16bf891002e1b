import ContextPool
import Synchronization
import TestSupport
import Testing

@testable import Middleware

@Suite struct PasswordTableTests {
    @Test func `checks leave half of the workers to everybody else`() async throws {
        let pool = try TestExchange(workers: 4).app.pool
        let (second, goOn) = (Gate(), Gate())
        let begun = Mutex(0)
        let hash = try PasswordHash(PasswordHashTests.bcrypt)
        let matches: @Sendable (PasswordHash, String) -> Bool = { _, _ in
            let count = begun.withLock { count in
                count += 1
                return count
            }
            if count == 2 { second.open() }
            goOn.wait()
            return false
        }
        let table = PasswordTable(["alice": hash], now: { .zero }, matches: matches)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<8 { group.addTask { try await table.holds("alice", "\(number)", on: pool) } }
            await second.opened()
            #expect(try await pool.submit { 7 }.value == 7)
            #expect(begun.withLock { $0 } == 2)
            goOn.open()
            for try await isRight in group { #expect(!isRight) }
        }
        #expect(begun.withLock { $0 } == 8)
    }
}
