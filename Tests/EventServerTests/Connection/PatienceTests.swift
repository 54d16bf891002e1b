import Testing

@testable import EventServer

@Suite("The patience with a client")
struct PatienceTests {
    /// Lets a client send or take `count` bytes every `period`, and tells for how long it may.
    private func endurance(count: Int, every period: Duration, rate: Int = 240) -> Duration? {
        var patience = Patience()
        var now = Duration.seconds(1000)
        for _ in 0..<10_000 {
            let end = patience.begin(now, limit: .seconds(30))
            if now + period >= end { return end - .seconds(1000) }
            now += period
            patience.suspend(now)
            patience.earn(count, rate: rate, limit: .seconds(30))
        }
        return nil
    }

    @Test("lasts for a client that is slow, but keeps the rate")
    func slow() {
        #expect(endurance(count: 240, every: .seconds(1)) == nil)
        #expect(endurance(count: 2400, every: .seconds(9)) == nil)
    }

    @Test("ends for a client that does just enough to look alive")
    func trickle() throws {
        #expect(try #require(endurance(count: 1, every: .seconds(20))) <= .seconds(31))
        #expect(try #require(endurance(count: 1, every: .seconds(1))) <= .seconds(31))
        #expect(try #require(endurance(count: 239, every: .seconds(1))) > .seconds(60))
    }

    @Test("is not stored up beyond its limit")
    func cap() {
        var patience = Patience()
        patience.earn(.max, rate: 1, limit: .seconds(30))
        #expect(patience.begin(.zero, limit: .seconds(30)) == .seconds(30))
    }

    @Test("has no rate to keep where there is none, and is not used up by other waits")
    func withoutRate() {
        #expect(endurance(count: 1, every: .seconds(29), rate: 0) == nil)
        var patience = Patience()
        _ = patience.begin(.zero, limit: .seconds(30))
        patience.suspend(.seconds(10))
        #expect(patience.begin(.seconds(500), limit: .seconds(30)) == .seconds(520))
        patience = Patience()
        #expect(patience.begin(.seconds(500), limit: .seconds(30)) == .seconds(530))
    }
}
