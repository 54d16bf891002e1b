import Testing

@testable import ContextPool

@Suite("JobLanes")
struct JobLanesTests {
    private let queue = JobQueue(pool: "lanes", limit: 1000, workers: 1)
    private var lanes = JobLanes()

    @Test("the highest lane goes first, and within it the order is that of arrival")
    mutating func highestFirst() {
        add([(1, .low), (2, .normal), (3, .high), (4, .high), (5, .normal)])
        let order = drain()
        #expect(order == [3, 4, 2, 5, 1])
    }

    @Test("a lane that has stood back often enough goes next: normal after 4 times, low after 16")
    mutating func lanesAge() {
        add((0..<100).map { ($0, .high) })
        add([(100, .normal), (101, .normal), (200, .low), (201, .low)])
        let order = drain()
        #expect(order.firstIndex(of: 100) == 4)
        #expect(order.firstIndex(of: 101) == 9)
        #expect(order.firstIndex(of: 200) == 16)
        #expect(order.firstIndex(of: 201) == 33)
        #expect(order.filter { $0 < 100 } == Array(0..<100))
    }

    @Test("flows take turns, so that one with a thousand jobs keeps nobody waiting for more than one of them")
    mutating func flowsTakeTurns() {
        for number in 0..<1000 { lanes.append(TestJob(number, queue, flow: 1)) }
        for number in 1000..<1003 { lanes.append(TestJob(number, queue, flow: 2)) }
        lanes.append(TestJob(2000, queue, flow: 3))
        let order = drain()
        #expect(Array(order.prefix(7)) == [0, 1000, 2000, 1, 1001, 2, 1002])
        #expect(Array(order.dropFirst(7)) == Array(3..<1000))
    }

    @Test("a flow that comes again goes to the end of the round")
    mutating func aFlowThatComesAgain() {
        for flow in 1...3 { lanes.append(TestJob(flow * 10, queue, flow: flow)) }
        let first = pop()
        #expect(first == 10)
        lanes.append(TestJob(11, queue, flow: 1))
        let order = drain()
        #expect(order == [20, 30, 11])
    }

    @Test("the oldest is that of the lowest lane, over all of its flows; but no lower one than the new job's")
    mutating func oldest() {
        #expect(lanes.oldest(for: .high) == nil)
        lanes.append(TestJob(1, queue, priority: .normal, flow: 7))
        lanes.append(TestJob(2, queue, priority: .normal, flow: 8))
        _ = pop()
        lanes.append(TestJob(3, queue, priority: .normal, flow: 7))
        #expect((lanes.oldest(for: .normal) as? TestJob)?.number == 2)
        #expect(lanes.oldest(for: .low) == nil)
        lanes.append(TestJob(4, queue, priority: .low, flow: 9))
        #expect((lanes.oldest(for: .low) as? TestJob)?.number == 4)
        #expect((lanes.oldest(for: .high) as? TestJob)?.number == 4)
    }

    @Test("jobs come and go from anywhere as in a list that is searched", arguments: 1...20)
    mutating func comparedWithAList(_ seed: UInt64) {
        var random = Seeded(seed)
        var model: [TestJob] = []
        for number in 0..<2000 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1:
                let job = TestJob(number, queue, flow: Int.random(in: 0..<5, using: &random))
                lanes.append(job)
                model.append(job)
            case 2:
                guard let victim = model.randomElement(using: &random) else { continue }
                let removals = [lanes.remove(victim), lanes.remove(victim)]
                #expect(removals == [true, false], "the second time it is gone")
                model.removeAll { $0 === victim }
            default:
                guard let job = lanes.popFirst() as? TestJob else {
                    #expect(model.isEmpty)
                    continue
                }
                // The first of its flow.
                #expect(model.first { $0.submission.flow == job.submission.flow } === job)
                model.removeAll { $0 === job }
            }
            #expect(lanes.count == model.count)
        }
        let rest = lanes.removeAll { $0.submission.flow == 3 }
        #expect(
            Set(rest.map(ObjectIdentifier.init))
                == Set(model.filter { $0.submission.flow == 3 }.map(ObjectIdentifier.init))
        )
        let left = drain()
        #expect(Set(left) == Set(model.filter { $0.submission.flow != 3 }.map(\.number)))
    }

    @Test("a job that stands elsewhere is not taken for one that stands here")
    mutating func strangers() {
        let (mine, other) = (TestJob(1, queue), TestJob(2, queue))
        lanes.append(mine)
        var others = JobLanes()
        others.append(other)
        let removals = [lanes.remove(other), others.remove(other)]
        #expect(removals == [false, true])
        let order = drain()
        #expect(order == [1])
    }

    private mutating func add(_ jobs: [(Int, JobPriority)]) {
        for (number, priority) in jobs { lanes.append(TestJob(number, queue, priority: priority)) }
    }

    private mutating func pop() -> Int? { (lanes.popFirst() as? TestJob)?.number }

    private mutating func drain() -> [Int] {
        var order: [Int] = []
        while let number = pop() { order.append(number) }
        return order
    }
}

/// Numbers that are the same in each run.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ (state >> 33)) &* 0xff51_afd7_ed55_8ccd
    }
}
