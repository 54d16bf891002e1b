import Foundation
import Glibc
import TestSupport
import Testing

@testable import ContextPool

/// How long a wait may take before it counts as a hang: far more than any test needs.
let patience = Duration.seconds(20)

/// Counts what passed, and lets threads wait until enough has.
final class Turnstile: Sendable {
    private let passed = Monitor(0)

    var count: Int { passed.withLock { $0 } }

    func pass() {
        passed.withLock { $0 += 1 }
        passed.broadcast()
    }

    func reached(_ count: Int, _ location: SourceLocation = #_sourceLocation) async {
        await onThread {
            if self.passed.wait(timeout: patience, for: { $0 >= count ? true : nil }) == nil {
                Issue.record("only \(self.count) of \(count) passed", sourceLocation: location)
            }
        }
    }
}

/// Opens a gate when it dies: how a test learns that nothing holds on to what it handed in.
final class Mortal: Sendable {
    private let death: Gate

    init(_ death: Gate) { self.death = death }

    deinit { death.open() }
}

/// Asks until the answer is yes: for what tells nobody when it happens, such as the end of a thread.
func eventually(_ location: SourceLocation = #_sourceLocation, _ condition: @escaping @Sendable () -> Bool) async {
    await onThread {
        let deadline = ContinuousClock.now + patience
        while !condition() {
            guard ContinuousClock.now < deadline else {
                Issue.record("it never came true", sourceLocation: location)
                return
            }
            sched_yield()
        }
    }
}

/// How many threads of this process have a name that begins like this.
func threadCount(named prefix: String) -> Int {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    return tasks.count { task in
        let name = try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)
        return name?.hasPrefix(prefix) == true
    }
}

extension Future {
    /// The outcome, awaited in a way that a future which never completes fails the test rather than hanging it.
    var settled: Result<Value, any Error> {
        get async {
            await onThread { Result { try self.wait(timeout: patience) } }
        }
    }

    /// The value, with the bound of ``settled``.
    var boundedValue: Value {
        get async throws { try await settled.get() }
    }
}

extension Result {
    /// The error, or `nil` for a success.
    var error: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}

extension Result where Failure == any Error {
    /// The code of a pool's error, or `nil` for anything else.
    var poolErrorCode: ContextPoolError.Code? { (error as? ContextPoolError)?.code }
}
