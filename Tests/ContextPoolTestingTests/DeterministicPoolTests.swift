import ContextPool
import ContextPoolTesting
import Testing

@Suite("The deterministic pool", .timeLimit(.minutes(1)))
struct DeterministicPoolTests {
    /// Three jobs, the second of which pauses, and their order.
    private func order(_ schedule: Schedule) throws -> [Int] {
        let (pool, ran) = (try DeterministicPool(workers: 2, schedule: schedule), Record<Int>())
        for number in 1...3 {
            try pool.pool.submit {
                if number == 2 { pool.pause() }
                ran.append(number)
            }
        }
        try pool.runUntilIdle()
        return ran.elements
    }

    @Test("nothing happens by itself, and runOne does one thing")
    func nothingHappensByItself() throws {
        let (pool, ran) = (try DeterministicPool(), Record<Int>())
        let job = try pool.pool.submit { ran.append(1) }
        #expect(!pool.isIdle)
        #expect(try pool.runOne())
        #expect(ran.elements.isEmpty && !job.isFinished, "it was taken")
        #expect(pool.pool.waitingJobs == 0)
        while try pool.runOne() {}
        #expect(ran.elements == [1] && job.isFinished && pool.isIdle)
    }

    @Test("the same seed makes the same interleaving, and seeds differ")
    func seeds() throws {
        var all: Set<[String]> = []
        for seed in 1...20 as ClosedRange<UInt64> {
            let (one, other) = (Schedule(seed: seed), Schedule(seed: seed))
            #expect(try order(one) == order(other))
            #expect(one.steps == other.steps)
            #expect(one.choices == other.choices)
            let again = Schedule(choices: one.choices)
            _ = try order(again)
            #expect(again.steps == one.steps)
            all.insert(one.steps)
        }
        #expect(all.count > 10)
    }

    @Test("all interleavings are different, and every order of the jobs is among them")
    func allInterleavings() throws {
        var steps: Set<[String]> = []
        var orders: Set<[Int]> = []
        let count = try Schedule.all(atMost: 50_000) { schedule in
            orders.insert(try order(schedule))
            steps.insert(schedule.steps)
        }
        #expect(steps.count == count)
        // On two workers the third job can overtake one of the others, but not both.
        #expect(orders == [[1, 2, 3], [2, 1, 3], [1, 3, 2], [2, 3, 1]])
    }

    @Test("the clock stands still until it is put forward, and then rings in order")
    func clock() throws {
        let pool = try DeterministicPool()
        let request = RequestContext.make(pool.pool, within: .seconds(5))
        #expect(request.timeRemaining == .seconds(5))
        let waiting = try pool.pool.submit(within: .seconds(2)) { 1 }
        pool.advance(by: .seconds(3))
        #expect(pool.now == .seconds(3) && request.timeRemaining == .seconds(2))
        pool.advance(by: .seconds(-3))
        #expect(pool.now == .seconds(3))
        try pool.runUntilIdle()
        #expect(waiting.ending == "deadlinePassed")
        pool.advance(by: .seconds(Int64.max))
        #expect(request.timeRemaining == .zero)
    }

    @Test("a wait with a timeout takes as long as it says, on the pool's clock")
    func timeouts() throws {
        let pool = try DeterministicPool()
        // A request that is let go would let its job begin.
        let request = RequestContext.make(pool.pool)
        defer { withExtendedLifetime(request) {} }
        let held = try RequestContext.withCurrent(request) { try pool.pool.submit(.afterResponse) { 1 } }
        let job = try pool.pool.submit { try held.wait(timeout: .seconds(5)) }
        let error = #expect(throws: ContextPoolError.self) { try pool.value(of: job) }
        #expect(error?.code == .timedOut)
        #expect(pool.now == .seconds(5))
        let wait: () throws -> Int = { try held.wait(timeout: .seconds(2)) }
        #expect(throws: ContextPoolError.self) { try wait() }
        #expect(pool.now == .seconds(7))
    }

    @Test("a job that suspends goes on where the pool steps it")
    func suspensions() throws {
        let (pool, seen) = (try DeterministicPool(), Record<Int>())
        let first = try pool.pool.submit { () async throws -> Int in
            seen.append(1)
            await Task.yield()
            seen.append(2)
            return 1
        }
        let second = try pool.pool.submit { () async throws -> Int in try await first.value + 1 }
        #expect(try pool.value(of: second) == 2)
        #expect(seen.elements == [1, 2])
        #expect(pool.pool.unfinishedJobs == 0 || !pool.isIdle)
    }

    @Test("a future that nobody can complete is told, and what waits for it is named")
    func neverCompleted() throws {
        let pool = try DeterministicPool()
        // A request that is let go would let its job begin.
        let request = RequestContext.make(pool.pool)
        defer { withExtendedLifetime(request) {} }
        let held = try RequestContext.withCurrent(request) { try pool.pool.submit(.afterResponse) { 1 } }
        let error = #expect(throws: ContextPoolError.self) { try pool.value(of: held) }
        #expect(error?.code == .wouldDeadlock)
        pool.atAnyTime("waiter") { _ = try held.wait() }
        try pool.runUntilIdle()
        #expect(pool.waiting == ["waiter"])
    }

    @Test("what runs at any time throws out of the step that ran it")
    func errorsComeOut() throws {
        let pool = try DeterministicPool()
        pool.atAnyTime("closure") { throw Broken() }
        pool.atAnyTime("async") { () async throws in
            await Task.yield()
            throw Broken()
        }
        #expect(throws: Broken.self) { try pool.runUntilIdle() }
        #expect(throws: Broken.self) { try pool.runUntilIdle() }
        #expect(try !pool.runOne())
    }

    @Test("a job that submits itself again and again ends the test, not the machine")
    func endlessPrograms() throws {
        let pool = try DeterministicPool()
        @Sendable func again() throws { try pool.pool.submit { try again() } }
        try again()
        let error = #expect(throws: DeterministicPoolError.self) { try pool.runUntilIdle(atMost: 100) }
        #expect(error?.code == .tooManySteps)
        let many = #expect(throws: DeterministicPoolError.self) { try Schedule.all(atMost: 3) { _ = try order($0) } }
        #expect(many?.code == .tooManyInterleavings)
    }

    @Test("a program that fails is told with the interleaving, which can be had again")
    func failuresCanBeHadAgain() throws {
        let program: (Schedule) throws -> Void = { if try order($0).first == 2 { throw Broken() } }
        let error = try #require(#expect(throws: DeterministicPoolError.self) { try Schedule.all(program) })
        #expect(error.code == .programFailed && error.underlying is Broken)
        #expect(error.description.contains("worker 2: "))
        let list = try #require(error.description.firstMatch(of: /Schedule\(choices: \[([0-9, ]*)\]\)/)?.output.1)
        let choices = list.split(separator: ", ").compactMap { Int($0) }
        #expect(throws: Broken.self) { try program(Schedule(choices: choices)) }
    }

    @Test("a step inside of a step is refused")
    func nestedSteps() throws {
        let pool = try DeterministicPool()
        let job = try pool.pool.submit { try pool.runOne() }
        let error = #expect(throws: DeterministicPoolError.self) { try pool.value(of: job) }
        #expect(error?.code == .insideStep)
    }

    @Test("numbers without sense are refused", arguments: [(0, 1), (-1, 1), (1, 0), (1, -5)])
    func nonsense(workers: Int, limit: Int) {
        let error = #expect(throws: ContextPoolError.self) {
            try DeterministicPool(workers: workers, queueLimit: limit)
        }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test("an observer hears of the end of a run, as it would in any pool")
    func endsOfRunsAreObserved() throws {
        struct Watch: ContextPoolObserver {
            let ends = Record<String>()
            func visitEnded(_ visit: JobInfo, _ run: JobRun) { ends.append(run.error == nil ? "value" : "error") }
        }
        let watch = Watch()
        let pool = try DeterministicPool(observer: watch)
        pool.atAnyTime("visitor") { () async throws -> Void in
            try await pool.pool.run {}
            try? await pool.pool.run { () async throws -> Void in throw Broken() }
        }
        try pool.runUntilIdle()
        #expect(watch.ends.elements == ["value", "error"])
    }
}
