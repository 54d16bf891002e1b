import Testing

@testable import EventServer

@Suite struct RepetitionsTests {
    /// How many of these are told at once.
    private func told(_ keys: Range<Int>, _ repetitions: inout Repetitions<Int>, at seconds: Int = 0) -> Int {
        var count = 0
        for key in keys where repetitions.note(key, at: .seconds(seconds)) { count += 1 }
        return count
    }

    /// What is told by the clock.
    private func due(_ repetitions: inout Repetitions<Int>, at seconds: Int) -> [Int] {
        repetitions.due(at: .seconds(seconds)).map(\.count)
    }

    @Test func theFirstIsToldAtOnceAndTheOthersOnceAMinute() {
        var repetitions = Repetitions<Int>()
        let first = told(7..<8, &repetitions)
        #expect(first == 1)
        for second in 1..<50 {
            let more = told(7..<8, &repetitions, at: second)
            #expect(more == 0)
        }
        let told = [59, 60, 61, 120].map { due(&repetitions, at: $0) }
        #expect(told == [[], [49], [], []])
        let afterCalm = self.told(7..<8, &repetitions, at: 121)
        #expect(afterCalm == 1)
    }

    @Test func eachKeyHasALineOfItsOwn() {
        var repetitions = Repetitions<Int>()
        let counts = [told(0..<10, &repetitions), told(0..<10, &repetitions)]
        #expect(counts == [10, 0])
        let due = due(&repetitions, at: 60)
        #expect(due == [Int](repeating: 1, count: 10))
    }

    @Test func aFloodOfKeysTakesNoMemoryWithoutBound() {
        var repetitions = Repetitions<Int>()
        let count = told(0..<10_000, &repetitions)
        #expect(count == 256)
        let due = due(&repetitions, at: 60)
        #expect(due.isEmpty)
        let next = told(20_000..<20_001, &repetitions, at: 60)
        #expect(next == 1, "who is told of no more makes room")
    }
}
