import TestSupport
import Testing

@testable import ContextPool

@Suite("pool.map", .timeLimit(.minutes(1)))
struct ContextPoolMapTests {
    @Test("CF3: the results come in the order of the items, whichever is done first", arguments: Lane.allCases)
    func orderIsKept(lane: Lane) async throws {
        let pool = try ContextPool(workers: 2)
        let gate = Gate()
        var results: [Int] = []
        let mapped = try lane.map(pool, 0..<20, atMost: 4) { number in
            // The second opens the way for the first.
            if number == 0 { gate.wait() } else { gate.open() }
            return number * 10
        }
        for try await result in mapped { results.append(result) }
        #expect(results == (0..<20).map { $0 * 10 })
    }

    @Test("no more than atMost items are submitted and not yet taken", arguments: Lane.allCases, [1, 3])
    func runningAheadIsBounded(lane: Lane, limit: Int) async throws {
        let pool = try ContextPool(workers: 4)
        let begun = Turnstile()
        var iterator =
            try lane.map(pool, 0..<10, atMost: limit) { number in
                begun.pass()
                return number
            }
            .makeAsyncIterator()
        for taken in 0..<10 {
            await begun.reached(min(10, taken + limit))
            // Whatever was submitted has run by now, so that one too many would show.
            await eventually { pool.queue.unfinished == 0 }
            #expect(begun.count == min(10, taken + limit))
            #expect(try await iterator.next() == taken)
        }
        #expect(try await iterator.next() == nil)
    }

    @Test("CF7: the first items begin at the call, without a reader", arguments: Lane.allCases)
    func mapBeginsAtTheCall(lane: Lane) async throws {
        let pool = try ContextPool(workers: 2)
        let begun = Turnstile()
        let results = try lane.map(pool, 0..<5, atMost: 3) { _ in begun.pass() }
        await begun.reached(3)
        withExtendedLifetime(results) {}
    }

    @Test(
        "FE4: every item has a copy of its own of the call's context, also where items overlap",
        arguments: Lane.allCases
    )
    func itemsHaveTheContextOfTheCall(lane: Lane) async throws {
        let pool = try ContextPool(workers: 3, propagators: [.taskLocal(Ambient.$tenant, name: "tenant")])
        let request = RequestContext.make(pool: pool)
        let overlap = Turnstile()
        let results = try Ambient.$tenant.withValue("acme") {
            try RequestContext.withCurrent(request) {
                try lane.map(pool, 0..<9, atMost: 3) { number in
                    let mine = try RequestContext.require()
                    overlap.pass()
                    let seen = "\(mine.g.user) \(mine.g.count) \(Ambient.tenant) \(mine.app.name)"
                    mine.g.user = "stained by \(number)"
                    return seen
                }
            }
        }
        await overlap.reached(3)
        request.g.user = "later"
        var seen: [String] = []
        try await RequestContext.withCurrent(.make(pool: pool, user: "reader")) {
            for try await result in results { seen.append(result) }
        }
        #expect(seen == Array(repeating: "ann 0 acme test", count: 9))
        #expect(request.g.user == "later")
    }

    @Test("CF5: an error is thrown in the place of its item, after the results before it", arguments: Lane.allCases)
    func errorsComeInTheirPlace(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let ran = Record<Int>()
        var iterator =
            try lane.map(pool, 0..<100, atMost: 2) { number in
                ran.append(number)
                if number == 2 { throw Broken(reason: "item 2") }
                return number
            }
            .makeAsyncIterator()
        #expect(try await iterator.next() == 0)
        #expect(try await iterator.next() == 1)
        await #expect(throws: Broken(reason: "item 2")) { try await iterator.next() }
        #expect(try await iterator.next() == nil)
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        #expect(ran.elements.count <= 4)
    }

    @Test(
        "CF6, CF8: a timeout comes after what was delivered, and what has not begun never does",
        arguments: Lane.allCases
    )
    func timeoutEndsTheMap(lane: Lane) async throws {
        let time = ManualClock()
        let pool = try time.makePool(workers: 1)
        let (release, ran) = (Gate(), Record<Int>())
        @Sendable func body(_ number: Int) -> Int {
            ran.append(number)
            if number == 1 { release.wait() }
            return number
        }
        let results =
            try lane == .closure
            ? pool.map(0..<10, atMost: 4, timeout: .seconds(2), { body($0) })
            : pool.map(0..<10, atMost: 4, timeout: .seconds(2), { number async throws -> Int in body(number) })
        var iterator = results.makeAsyncIterator()
        #expect(try await iterator.next() == 0)
        await eventually { ran.elements == [0, 1] }
        time.advance(by: .seconds(2))
        let error = await #expect(throws: ContextPoolError.self) { try await iterator.next() }
        #expect(error == .itemsUnfinished(9, of: 10, after: .seconds(2)))
        #expect(try await iterator.next() == nil)
        release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        #expect(ran.elements == [0, 1])
    }

    @Test("the alarm of a map that is dropped is stopped")
    func alarmsAreStopped() throws {
        let time = ManualClock()
        let pool = try time.makePool(workers: 1)
        func drop() throws {
            let results = try pool.map(0..<3, atMost: 1, timeout: .seconds(3600), { $0 })
            #expect(time.alarms.count == 1)
            withExtendedLifetime(results) {}
        }
        try drop()
        #expect(time.alarms.isEmpty)
    }

    @Test("CF8: a map that nobody holds any more cancels what has not begun", arguments: Lane.allCases)
    func abandonedMapsCancel(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1)
        let (release, ran) = (Gate(), Record<Int>())
        func abandon() async throws {
            let mapped = try lane.map(pool, 0..<10, atMost: 5) { number in
                ran.append(number)
                if number > 0 { release.wait() }
            }
            for try await _ in mapped {
                await eventually { ran.elements.count == 2 }
                break
            }
        }
        try await abandon()
        release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        #expect(ran.elements == [0, 1])
    }

    @Test("a reader whose task is cancelled gets a CancellationError, and what has not begun never does")
    func cancelledReadersEnd() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let hasRun = Gate()
        let results = try pool.map(0..<10, atMost: 5) { _ in hasRun.open() }
        let reading = Task { () async throws -> Void in for try await _ in results {} }
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
        plug.release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        #expect(!hasRun.isOpen)
    }

    @Test("CF10: results that were taken, and items that are done, are let go")
    func nothingTakenIsKept() async throws {
        let pool = try ContextPool(workers: 1)
        let (itemsDie, resultsDie) = ((0..<3).map { _ in Gate() }, (0..<3).map { _ in Gate() })
        func make() throws -> MappedItems<Mortal, Mortal> {
            let gates = resultsDie
            let done = Turnstile()
            return try pool.map(itemsDie.map { Mortal($0) }, atMost: 1) { item in
                withExtendedLifetime(item) {}
                defer { done.pass() }
                return Mortal(gates[done.count])
            }
        }
        var iterator = try make().makeAsyncIterator()
        for number in 0..<2 {
            do { _ = try await iterator.next() }
            await resultsDie[number].opened()
            await itemsDie[number].opened()
        }
        #expect(!resultsDie[2].isOpen, "it was not taken")
    }

    @Test("nothing to map is no error, and a limit below one is", arguments: [0, -1, Int.min])
    func nonsenseIsRefused(limit: Int) async throws {
        let pool = try ContextPool(workers: 1)
        for try await _ in try pool.map([Int](), { $0 }) { Issue.record("there is nothing") }
        let error = #expect(throws: ContextPoolError.self) { _ = try pool.map([1], atMost: limit) { $0 } }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.description.contains("atMost is \(limit)") == true)
    }

    @Test("a refusal of the first item is thrown by map itself")
    func firstRefusalIsThrown() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1)
        let plug = try await Plug(pool)
        let waiting = try pool.submit {}
        #expect(throws: ContextPoolError.queueFull(pool: "pool", limit: 1)) { _ = try pool.map([1]) { $0 } }
        plug.release.open()
        try await waiting.boundedValue
        await pool.shutDown(within: patience)
        #expect(throws: ContextPoolError.shutDown(pool: "pool")) { _ = try pool.map([1]) { $0 } }
        let request = RequestContext.make(pool: pool)
        _ = RequestContext.withCurrent(request) { request.onCancel {} }
        request.cancel()
        let refusal = #expect(throws: ContextPoolError.self) {
            _ = try RequestContext.withCurrent(request) { try pool.map([1]) { $0 } }
        }
        #expect(refusal?.code == .requestCancelled)
    }

    @Test("a queue that is full holds items back, and loses none", arguments: Lane.allCases)
    func fullQueuesHoldBack(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 2)
        var results: [Int] = []
        for try await result in try lane.map(pool, 0..<50, atMost: 10, { $0 }) { results.append(result) }
        #expect(results == Array(0..<50))
    }

    @Test("a later refusal is thrown after the results before it")
    func laterRefusalsComeInTheirPlace() async throws {
        let pool = try ContextPool(workers: 1)
        var iterator = try pool.map(0..<5, atMost: 2) { $0 }.makeAsyncIterator()
        await pool.shutDown(within: patience)
        #expect(try await iterator.next() == 0)
        #expect(try await iterator.next() == 1)
        await #expect(throws: ContextPoolError.shutDown(pool: "pool")) { try await iterator.next() }
        #expect(try await iterator.next() == nil)
    }

    @Test("the items of a detached map outlive their request; others end with it", arguments: [true, false])
    func lifetimesHold(isDetached: Bool) async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let request = RequestContext.make(pool: pool)
        var iterator = try RequestContext.withCurrent(request) {
            try pool.map(0..<3, atMost: 2, lifetime: isDetached ? .detached : .withRequest) { $0 }.makeAsyncIterator()
        }
        request.cancel()
        plug.release.open()
        if isDetached {
            for number in 0..<3 { #expect(try await iterator.next() == number) }
        } else {
            let error = await #expect(throws: ContextPoolError.self) { try await iterator.next() }
            #expect(error?.code == .requestCancelled)
        }
    }

    @Test("items that are for after the response wait for the end of the request")
    func mapAfterResponseWaits() async throws {
        let pool = try ContextPool(workers: 1)
        let request = RequestContext.make(pool: pool)
        let items = try RequestContext.withCurrent(request) {
            try pool.map([1, 2, 3], atMost: 3, lifetime: .afterResponse) { $0 }
        }
        #expect(pool.queue.state.withLock { $0.held.count } == 3)
        request.tearDown()
        var seen: [Int] = []
        for try await item in items { seen.append(item) }
        #expect(seen == [1, 2, 3])
    }

    @Test("items have no more time than the job that maps them")
    func mapInheritsTheDeadline() async throws {
        let pool = try ContextPool(workers: 2)
        let request = RequestContext.make(pool: pool)
        let left = try RequestContext.withCurrent(request) {
            try pool.submit(within: .seconds(100)) { () async throws -> [Bool] in
                var left: [Bool] = []
                for try await isLimited in try pool.map([1], { _ in RequestContext.current?.timeRemaining != nil }) {
                    left.append(isLimited)
                }
                left.append(RequestContext.current?.timeRemaining != nil)
                left.append(try await pool.submit { RequestContext.current?.timeRemaining != nil }.value)
                return left
            }
        }
        #expect(try await left.boundedValue == [true, true, true])
    }

    @Test("on an event loop no item is run by the caller, whatever the policy")
    func mapOnALoopDoesNotRunItemsThere() async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1, whenFull: .callerRuns, name: "loops")
        let plug = try await Plug(pool)
        try pool.submit {}
        let ran = Turnstile()
        await onThread {
            EventLoopThread.markCurrent()
            _ = #expect(throws: ContextPoolError.self) { try pool.map([1]) { _ in ran.pass() } }
        }
        #expect(ran.count == 0)
        plug.release.open()
    }
}

extension Lane {
    fileprivate func map<Item: Sendable, Value: Sendable>(
        _ pool: ContextPool,
        _ items: some Collection<Item>,
        atMost limit: Int,
        _ body: @escaping @Sendable (Item) throws -> Value
    ) throws -> MappedItems<Item, Value> {
        switch self {
        case .closure: try pool.map(items, atMost: limit) { item in try body(item) }
        case .async:
            // Without a suspension: the second half of an item would queue behind items that a test holds up.
            try pool.map(items, atMost: limit) { (item: Item) async throws -> Value in try body(item) }
        }
    }
}
