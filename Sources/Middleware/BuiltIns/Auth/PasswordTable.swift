import ContextPool
import Crypto
import EventServer
import Foundation
import HTTPTypes
import Synchronization

/// The names and hashes of those who come with a password.
///
/// A check takes a worker of the pool for a quarter of a second, by design. So a password that was right is known for some
/// minutes (by a digest under a key of this process), and only so many are checked at once, on half of the workers: guessing must
/// not take the pool away from everybody else.
final class PasswordTable: Sendable {
    private struct State {
        /// When each password that was right is to be checked again.
        var proven: [SymmetricDigest: Duration] = [:]
        /// Those that run or wait.
        var checks = 0
        var running = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private typealias SymmetricDigest = HashedAuthenticationCode<SHA256>

    private static let memory = Duration.seconds(300)
    private static let provenLimit = 1000
    private static let checkLimit = 32

    private let names: [String: PasswordHash]
    private let hashes: [PasswordHash]
    private let key = SymmetricKey(size: .bits256)
    private let now: @Sendable () -> Duration
    private let matches: @Sendable (PasswordHash, String) -> Bool
    private let state = Mutex(State())

    /// - Parameters:
    ///   - hashes: The hash of each name.
    ///   - now: The time since some moment.
    ///   - matches: Whether a password has a hash; called on the pool.
    init(
        _ hashes: [String: PasswordHash],
        now: @escaping @Sendable () -> Duration,
        matches: @escaping @Sendable (PasswordHash, String) -> Bool = { $0.matches($1) }
    ) {
        self.matches = matches
        names = hashes
        self.hashes = hashes.sorted { $0.key < $1.key }.map(\.value)
        self.now = now
    }

    var isEmpty: Bool { hashes.isEmpty }

    /// Whether a password belongs to a name.
    ///
    /// A name that nobody has takes as long as one that somebody has: it is held against the hash of somebody else, always of the
    /// same one.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - password: The password.
    ///   - pool: Where it is checked.
    /// - Returns: Whether it does.
    /// - Throws: ``HTTPError`` with 503 where too many are being checked, and what the pool throws.
    func holds(_ name: String, _ password: String, on pool: ContextPool) async throws -> Bool {
        guard !hashes.isEmpty, password.utf8.count <= PasswordHash.longestPassword else { return false }
        let digest = digest(of: name, password)
        let isProven = state.withLock { state in state.proven[digest].map { $0 > now() } ?? false }
        if isProven { return true }
        try await begin(on: pool)
        defer { end() }
        let hash = names[name] ?? stranger(name)
        let isRight = try await pool.run { matches(hash, password) }
        guard isRight, names[name] != nil else { return false }
        remember(digest)
        return true
    }

    private func begin(on pool: ContextPool) async throws(HTTPError) {
        let isFree = state.withLock { state in
            guard state.checks < Self.checkLimit else { return false }
            state.checks += 1
            return true
        }
        guard isFree else {
            throw HTTPError(.serviceUnavailable, "Busy; please try again.", headers: [.retryAfter: "1"])
        }
        // No longer than those before it take, so whoever has left is waited for, too.
        await withCheckedContinuation { turn in
            let isNext = state.withLock { state in
                guard state.running < max(1, pool.workers / 2) else {
                    state.waiting.append(turn)
                    return false
                }
                state.running += 1
                return true
            }
            if isNext { turn.resume() }
        }
    }

    private func end() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.checks -= 1
            if state.waiting.isEmpty {
                state.running -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }

    private func remember(_ digest: SymmetricDigest) {
        let now = now()
        state.withLock { state in
            if state.proven.count >= Self.provenLimit { state.proven = state.proven.filter { $0.value > now } }
            if state.proven.count >= Self.provenLimit { state.proven = [:] }
            state.proven[digest] = now + Self.memory
        }
    }

    private func stranger(_ name: String) -> PasswordHash {
        let number = digest(of: name, "").prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return hashes[Int(number % UInt64(hashes.count))]
    }

    /// The length stands between the two, so that no other pair has the same bytes.
    private func digest(of name: String, _ password: String) -> SymmetricDigest {
        HMAC<SHA256>.authenticationCode(for: Array("\(name.utf8.count):\(name)\(password)".utf8), using: key)
    }
}
