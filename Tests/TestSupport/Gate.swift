import Foundation
public import Testing

/// Holds threads back until the test opens it; how tests impose an order without sleeping.
///
/// Once open it stays open. A gate that stays shut for 50 seconds fails the test, instead of hanging it.
public final class Gate: Sendable {
    private final class Flag: @unchecked Sendable {  // Guarded by `condition`.
        var isOpen = false
    }

    private let condition = NSCondition()
    private let flag = Flag()

    /// A closed gate.
    public init() {}

    /// Whether it has been opened.
    public var isOpen: Bool { condition.withLock { flag.isOpen } }

    /// Lets everybody pass.
    public func open() {
        condition.withLock {
            flag.isOpen = true
            condition.broadcast()
        }
    }

    /// Blocks until the gate is open.
    ///
    /// - Parameter location: Where the test waits.
    @available(*, noasync, message: "blocks the thread; use 'await gate.opened()'")
    public func wait(_ location: SourceLocation = #_sourceLocation) {
        let deadline = Date(timeIntervalSinceNow: 50)
        let isOpen = condition.withLock {
            while !flag.isOpen, condition.wait(until: deadline) {}
            return flag.isOpen
        }
        if !isOpen { Issue.record("the gate stayed shut", sourceLocation: location) }
    }

    /// Suspends until the gate is open.
    ///
    /// - Parameter location: Where the test waits.
    public func opened(_ location: SourceLocation = #_sourceLocation) async {
        await onThread { self.wait(location) }
    }
}
