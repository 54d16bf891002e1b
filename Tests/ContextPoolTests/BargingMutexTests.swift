import TestSupport
import Testing

@testable import ContextPool

@Suite("BargingMutex", .timeLimit(.minutes(1)))
struct BargingMutexTests {
    @Test("lets one in at a time: no change of many threads is lost")
    func exclusion() async throws {
        let counts = BargingMutex([0, 0])
        let threads = try (0..<8)
            .map { _ in
                try ContextThread.start {
                    for _ in 0..<20_000 {
                        counts.withLock {
                            $0[0] += 1
                            $0[1] = $0[0]
                        }
                    }
                }
            }
        for thread in threads { try await thread.value }
        #expect(counts.withLock { $0 } == [160_000, 160_000])
    }

    @Test("passes an error on, and is free afterwards")
    func errors() {
        let value = BargingMutex(1)
        #expect(throws: Broken()) {
            try value.withLock { value in
                value = 2
                throw Broken()
            }
        }
        #expect(value.withLock { $0 } == 2)
    }

    @Test("lets go of its value when it is let go")
    func memory() {
        final class Held: Sendable {}
        weak var held: Held?
        do {
            let strong = Held()
            held = strong
            let mutex = BargingMutex(strong)
            #expect(mutex.withLock { $0 === strong })
        }
        #expect(held == nil)
    }
}
