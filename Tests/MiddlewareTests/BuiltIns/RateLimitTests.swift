import Synchronization
import Testing

@testable import Middleware

@Suite struct RateLimitTests {
    /// A clock that a test holds in its hands.
    private final class Hand: Sendable {
        private let time = Mutex(Duration.zero)

        var now: Duration { time.withLock { $0 } }

        func advance(by duration: Duration) { time.withLock { $0 += duration } }
    }

    private let hand = Hand()

    private func limit(burst: Int, every interval: Duration, capacity: Int = 100) -> RateLimit<String> {
        RateLimit(burst: burst, interval: interval, capacity: capacity) { [hand] in hand.now }
    }

    @Test func `as many as the burst may come at once, and then one in each interval`() {
        let limit = limit(burst: 3, every: .seconds(10))
        #expect((0..<4).map { _ in limit.admit("a").isAllowed } == [true, true, true, false])
        hand.advance(by: .milliseconds(9_999))
        #expect(!limit.admit("a").isAllowed)
        hand.advance(by: .milliseconds(1))
        #expect(limit.admit("a").isAllowed)
        #expect(!limit.admit("a").isAllowed)
    }

    @Test func `the turn of a window lets nobody in twice`() {
        let limit = limit(burst: 10, every: .seconds(6))
        hand.advance(by: .seconds(59))
        let before = (0..<20).filter { _ in limit.admit("a").isAllowed }.count
        hand.advance(by: .seconds(2))
        let after = (0..<20).filter { _ in limit.admit("a").isAllowed }.count
        #expect((before, after) == (10, 0))
    }

    @Test func `a verdict says what is left, and when to come again`() {
        let limit = limit(burst: 2, every: .seconds(10))
        #expect(limit.admit("a") == .init(isAllowed: true, remaining: 1, reset: .seconds(10), retryAfter: .zero))
        #expect(limit.admit("a") == .init(isAllowed: true, remaining: 0, reset: .seconds(20), retryAfter: .zero))
        #expect(
            limit.admit("a") == .init(isAllowed: false, remaining: 0, reset: .seconds(20), retryAfter: .seconds(10))
        )
        hand.advance(by: .seconds(4))
        #expect(limit.admit("a").retryAfter == .seconds(6))
    }

    @Test func `a refusal does not make anybody wait longer`() {
        let limit = limit(burst: 1, every: .seconds(10))
        _ = limit.admit("a")
        for _ in 0..<100 { _ = limit.admit("a") }
        hand.advance(by: .seconds(10))
        #expect(limit.admit("a").isAllowed)
    }

    @Test func `one does not use up what another has`() {
        let limit = limit(burst: 1, every: .seconds(10))
        #expect(limit.admit("a").isAllowed)
        #expect(limit.admit("b").isAllowed)
    }

    @Test func `who has nothing to his account is forgotten first`() {
        let limit = limit(burst: 1, every: .seconds(10), capacity: 4)
        for name in ["a", "b", "c", "d"] { _ = limit.admit(name) }
        hand.advance(by: .seconds(10))
        #expect(limit.admit("e").isAllowed)
        #expect(limit.count == 1)
    }

    @Test func `a flood of names neither fills the memory nor frees who came most`() {
        let limit = limit(burst: 5, every: .seconds(10), capacity: 100)
        for _ in 0..<5 { _ = limit.admit("greedy") }
        for number in 0..<10_000 { _ = limit.admit("\(number)") }
        #expect(limit.count <= 100)
        #expect(!limit.admit("greedy").isAllowed)
    }
}
