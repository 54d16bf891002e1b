import Foundation

/// Holds threads back until the test opens it; once open it stays open.
///
/// A wait is bounded, so that a mistake fails the test instead of hanging it.
public final class Gate: Sendable {
    private let condition = NSCondition()
    private let flag = Flag()

    private final class Flag: @unchecked Sendable {  // Guarded by `condition`.
        var isOpen = false
    }

    /// A closed gate.
    public init() {}

    /// Lets everybody pass.
    public func open() {
        condition.lock()
        flag.isOpen = true
        condition.broadcast()
        condition.unlock()
    }

    /// Blocks until the gate is open, at most 20 seconds.
    ///
    /// - Returns: Whether it was opened.
    @discardableResult
    public func pass() -> Bool {
        let deadline = Date(timeIntervalSinceNow: 20)
        condition.lock()
        defer { condition.unlock() }
        while !flag.isOpen {
            guard condition.wait(until: deadline) else { return flag.isOpen }
        }
        return true
    }

    /// Suspends until the gate is open, at most 20 seconds.
    ///
    /// - Returns: Whether it was opened.
    @discardableResult
    public func opened() async -> Bool {
        (try? await onThread { self.pass() }) ?? false
    }
}
