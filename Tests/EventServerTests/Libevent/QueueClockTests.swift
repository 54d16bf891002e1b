import Testing

@testable import EventServer

@Suite("The queue clock")
struct QueueClockTests {
    private var clock = QueueClock()

    private mutating func runBatch(from start: Int, to end: Int) {
        clock.begin(.milliseconds(start))
        clock.finish(.milliseconds(end))
    }

    @Test("knows no waiting between batches")
    mutating func idle() {
        #expect(clock.waited(.seconds(5)) == .zero)
        runBatch(from: 5000, to: 5100)
        #expect(!clock.isInBatch)
        #expect(clock.waited(.milliseconds(5101)) == .zero)
    }

    @Test("counts from the beginning of a batch")
    mutating func withinBatch() {
        clock.begin(.milliseconds(5000))
        #expect(clock.isInBatch)
        #expect(clock.waited(.milliseconds(5000)) == .zero)
        #expect(clock.waited(.milliseconds(5070)) == .milliseconds(70))
    }

    @Test(
        "adds the batch before, where the loop had no rest in between",
        arguments: [(0, 100), (8, 100), (9, 0), (1000, 0)]
    )
    mutating func carries(rest: Int, carried: Int) {
        runBatch(from: 5000, to: 5100)
        clock.begin(.milliseconds(5100 + rest))
        #expect(clock.waited(.milliseconds(5130 + rest)) == .milliseconds(carried + 30))
    }

    @Test("adds no more than the one batch before")
    mutating func carriesOne() {
        runBatch(from: 5000, to: 5100)
        runBatch(from: 5100, to: 5110)
        clock.begin(.milliseconds(5110))
        #expect(clock.waited(.milliseconds(5110)) == .milliseconds(10))
    }

    @Test("is not confused by an end without a beginning")
    mutating func lonelyEnd() {
        clock.finish(.milliseconds(5000))
        clock.begin(.milliseconds(5001))
        #expect(clock.waited(.milliseconds(5001)) == .zero)
    }
}
