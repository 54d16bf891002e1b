import TestSupport
import Testing

@testable import ContextPool

@Suite("Monitor", .timeLimit(.minutes(1)))
struct MonitorTests {
    @Test("changes under the lock are not lost")
    func changesAreNotLost() async {
        let monitor = Monitor(0)
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    await onThread { for _ in 0..<1_000 { monitor.withLock { $0 += 1 } } }
                }
            }
        }
        #expect(monitor.withLock { $0 } == 8_000)
    }

    @Test("the lock is left when the body throws, and the error keeps its type")
    func lockIsLeftOnThrow() throws {
        let monitor = Monitor(0)
        do throws(Broken) {
            try monitor.withLock { (_: inout Int) throws(Broken) in throw Broken() }
            Issue.record("nothing was thrown")
        } catch {
            #expect(error == Broken())
        }
        #expect(monitor.withLock { $0 } == 0)
    }

    @Test(
        "wait returns at once what is there already, whatever the timeout",
        arguments: [
            nil, Duration.zero, .seconds(-5), .seconds(Int64.min), .seconds(Int64.max), .seconds(Int64.max) * 10,
        ]
    )
    func waitReturnsWhatIsThere(timeout: Duration?) async {
        #expect(await onThread { Monitor(3).wait(timeout: timeout) { $0 } } == 3)
    }

    @Test("wait gives up when the time has passed", arguments: [Duration.zero, .seconds(-5), .milliseconds(1)])
    func waitGivesUp(timeout: Duration) async {
        let asked = await onThread {
            let monitor = Monitor(0)
            let result: Int? = monitor.wait(timeout: timeout) { count in
                count += 1
                return nil
            }
            return (result, monitor.withLock { $0 })
        }
        #expect(asked.0 == nil)
        #expect(asked.1 >= 2, "once before waiting and once after")
    }

    @Test("a signal wakes one, a broadcast wakes all")
    func wakingUp() async {
        let monitor = Monitor((tickets: 0, waiting: 0))
        let passed = Turnstile()
        let isEveryoneWaiting = Gate()
        async let threads: Void = withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    await onThread {
                        var isCounted = false
                        let ticket: Int? = monitor.wait(timeout: patience) { state in
                            if !isCounted {
                                state.waiting += 1
                                isCounted = true
                                if state.waiting == 4 { isEveryoneWaiting.open() }
                            }
                            guard state.tickets > 0 else { return nil }
                            state.tickets -= 1
                            return state.tickets
                        }
                        if ticket != nil { passed.pass() }
                    }
                }
            }
        }
        await isEveryoneWaiting.opened()
        monitor.withLock { $0.tickets = 1 }
        monitor.signal()
        await passed.reached(1)
        #expect(passed.count == 1)
        monitor.withLock { $0.tickets = 3 }
        monitor.broadcast()
        await threads
        #expect(passed.count == 4)
    }

    @Test("it lets go of its state")
    func itLetsGo() {
        let death = Gate()
        do {
            let monitor = Monitor(Mortal(death))
            monitor.withLock { _ in }
            #expect(!death.isOpen)
        }
        #expect(death.isOpen)
    }
}
