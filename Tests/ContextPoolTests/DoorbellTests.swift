import TestSupport
import Testing

@testable import ContextPool

@Suite("Doorbell", .timeLimit(.minutes(1)))
struct DoorbellTests {
    @Test("a thread that gave up waits for the next one nonetheless, and nothing is left with the first")
    func giveUpAndWaitAgain() async {
        let (late, next) = (Future<Int>(), Future<Int>())
        let waits = Gate()
        async let value = onThread {
            Doorbell.wait(for: late, timeout: .milliseconds(1))
            #expect(late.observerCount == 0)
            waits.open()
            Doorbell.wait(for: next, timeout: patience)
            return next.isFinished
        }
        await waits.opened()
        late.cancel()
        await eventually { next.observerCount > 0 }
        next.cancel()
        #expect(await value)
    }

    @Test("many threads may wait for one future, each once or again and again")
    func manyThreadsWait() async {
        let future = Future<Int>()
        await withTaskGroup { group in
            for thread in 0..<8 {
                group.addTask {
                    await onThread {
                        if thread.isMultiple(of: 2) {
                            Doorbell.wait(for: future, timeout: patience)
                        } else {
                            while !future.isFinished { Doorbell.wait(for: future, timeout: .microseconds(50)) }
                        }
                    }
                }
            }
            await eventually { future.observerCount >= 4 }
            future.cancel()
        }
        #expect(future.isFinished && future.observerCount == 0)
    }
}
