import Synchronization
import TestSupport
import Testing

@testable import Middleware

@Suite struct HealthChecksTests {
    private struct Broken: Error {}

    @Test func `each check has its finding, in the order of the checks`() async {
        let checks = HealthChecks()
        checks.add("a") {}
        checks.add("b") { throw Broken() }
        let findings = await checks.run(within: .seconds(60))
        #expect(findings.map(\.name) == ["a", "b"])
        #expect(findings[0].error == nil)
        #expect(findings[1].error is Broken)
    }

    @Test func `a check takes the place of one that had its name, and can be removed`() async {
        let checks = HealthChecks()
        checks.add("a") { throw Broken() }
        checks.add("a") {}
        #expect(await checks.run(within: .seconds(60)).map { $0.error == nil } == [true])
        checks.remove("a")
        #expect(await checks.run(within: .seconds(60)).isEmpty)
    }

    @Test func `a check that takes too long is cancelled, and found at fault`() async {
        let checks = HealthChecks(now: { .now }, sleep: { _ in })
        checks.add("slow") {
            await untilCancelled()
            throw CancellationError()
        }
        let findings = await checks.run(within: .seconds(2))
        #expect(findings.first?.error is HealthChecks.TookTooLong)
    }

    @Test func `who asks while the checks run gets the same answer`() async {
        let (begun, goOn) = (Gate(), Gate())
        let count = Mutex(0)
        let checks = HealthChecks()
        checks.add("a") {
            count.withLock { $0 += 1 }
            begun.open()
            await goOn.opened()
        }
        async let first = checks.run(within: .seconds(60))
        await begun.opened()
        async let second = checks.run(within: .seconds(60))
        goOn.open()
        #expect(await first.count == 1)
        #expect(await second.count == 1)
        #expect((1...2).contains(count.withLock { $0 }))
    }

    @Test func `an answer holds as long as it may, and not longer`() async {
        let start = ContinuousClock.now
        let time = Mutex(Duration.zero)
        let clock = { @Sendable in start + time.withLock { $0 } }
        let count = Mutex(0)
        let checks = HealthChecks(now: clock) { _ in
            await untilCancelled()
            throw CancellationError()
        }
        checks.add("a") { count.withLock { $0 += 1 } }
        for second in [0, 0, 4, 5, 5] {
            time.withLock { $0 = .seconds(second) }
            _ = await checks.run(within: .seconds(60), noOlderThan: .seconds(5))
        }
        #expect(count.withLock { $0 } == 2)
    }
}
