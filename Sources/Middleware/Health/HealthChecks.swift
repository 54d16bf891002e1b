public import ContextPool
import Synchronization

/// What an application needs to be of use: each part says how it finds out whether it works.
///
/// ```swift
/// app.healthChecks.add("database") { try await database.ping() }
/// ```
///
/// `health` asks them when somebody asks it. They run on Swift's own threads, at the same time, once for all who ask meanwhile.
/// It may be used from any thread.
public final class HealthChecks: Sendable {
    /// What a check has found.
    public struct Finding: Sendable {
        /// The name of the check.
        public let name: String
        /// What it threw; `nil` where all is well.
        public let error: (any Error)?
    }

    /// A check that took longer than it may.
    public struct TookTooLong: Error, Sendable, CustomStringConvertible {
        /// What happened.
        public let description: String
    }

    private struct State {
        var checks: [(name: String, body: @Sendable () async throws -> Void)] = []
        var running: Task<[Finding], Never>?
        var last: (findings: [Finding], at: ContinuousClock.Instant)?
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> ContinuousClock.Instant
    private let sleep: @Sendable (Duration) async throws -> Void

    /// No checks.
    public convenience init() { self.init(now: { .now }, sleep: { try await Alarms.shared.sleep(for: $0) }) }

    init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// Adds a check, in the place of one that had its name.
    ///
    /// - Parameters:
    ///   - name: What it is called; everybody who may ask can read it.
    ///   - check: Throws where the part does not work. The error goes to the log alone. It should heed being cancelled.
    public func add(_ name: String, _ check: @escaping @Sendable () async throws -> Void) {
        state.withLock { state in
            state.checks.removeAll { $0.name == name }
            state.checks.append((name, check))
            state.last = nil
        }
    }

    /// Removes a check, as what it asks about is no longer there.
    ///
    /// - Parameter name: Its name; nothing happens where there is none.
    public func remove(_ name: String) {
        state.withLock { state in
            state.checks.removeAll { $0.name == name }
            state.last = nil
        }
    }

    /// Runs all checks, unless they run, or have run just now.
    ///
    /// - Parameters:
    ///   - limit: How long each may take.
    ///   - age: How old an answer may be: so many clients can ask without the parts having to answer each of them.
    /// - Returns: What they have found, in the order in which they were added.
    public func run(within limit: Duration, noOlderThan age: Duration = .zero) async -> [Finding] {
        enum Answer {
            case known([Finding])
            case coming(Task<[Finding], Never>)
        }
        let answer: Answer = state.withLock { state in
            if let last = state.last, now() - last.at < age { return .known(last.findings) }
            if let running = state.running { return .coming(running) }
            let checks = state.checks
            // Detached: it must not belong to the request that happens to ask first, nor end with it.
            let task = Task.detached { [self] in
                let findings = await findings(of: checks, within: limit)
                self.state.withLock { state in
                    state.running = nil
                    state.last = (findings, now())
                }
                return findings
            }
            state.running = task
            return .coming(task)
        }
        switch answer {
        case .known(let findings): return findings
        case .coming(let task): return await task.value
        }
    }

    private func findings(
        of checks: [(name: String, body: @Sendable () async throws -> Void)],
        within limit: Duration
    ) async -> [Finding] {
        await withTaskGroup(of: (Int, Finding).self) { group in
            for (position, check) in checks.enumerated() {
                group.addTask { [self] in
                    do {
                        try await run(check.body, within: limit)
                        return (position, Finding(name: check.name, error: nil))
                    } catch {
                        return (position, Finding(name: check.name, error: error))
                    }
                }
            }
            var findings: [(Int, Finding)] = []
            for await finding in group { findings.append(finding) }
            return findings.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func run(_ body: @escaping @Sendable () async throws -> Void, within limit: Duration) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask { [sleep] in
                try await sleep(limit)
                throw TookTooLong(description: "The check took longer than \(limit).")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

private enum HealthChecksKey: ContextKey {
    static let name = "baton.healthChecks"
    static let defaultValue: HealthChecks? = nil
}

extension ContextValues {
    /// The checks of the application; part of ``AppContext/values``.
    public var healthChecks: HealthChecks? {
        get { self[HealthChecksKey.self] }
        set { self[HealthChecksKey.self] = newValue }
    }
}
