import Foundation
import TestSupport
import Testing

@testable import ContextPool

@Suite("ContextPool", .timeLimit(.minutes(1)))
struct ContextPoolTests {
    @Test(
        "CF11, MP28, MP30: fewer than one worker or one place is refused with the number",
        arguments: [0, -1, -10, Int.min]
    )
    func nonsenseIsRefused(number: Int) throws {
        let workers = #expect(throws: ContextPoolError.self) { try ContextPool(workers: number) }
        #expect(workers?.code == .invalidConfiguration)
        #expect(workers?.description.contains("workers is \(number)") == true)
        let limit = #expect(throws: ContextPoolError.self) { try ContextPool(workers: 1, queueLimit: number) }
        #expect(limit?.code == .invalidConfiguration)
        #expect(limit?.description.contains("queueLimit is \(number)") == true)
    }

    @Test("CF12: the default is four more workers than processors, at most 32")
    func defaultsAreSensible() throws {
        #expect(ContextPool.defaultWorkers == min(32, PlatformThread.processorCount + 4))
        let pool = try ContextPool()
        #expect(pool.workers == ContextPool.defaultWorkers)
        #expect(pool.queueLimit == 1024)
    }

    @Test("jobs run on threads of the pool, named after it", arguments: Lane.allCases)
    func threadsAreNamed(lane: Lane) async throws {
        let pool = try ContextPool(workers: 2, name: "kitchen")
        let bothRun = Turnstile()
        let futures = try (1...2)
            .map { _ in
                try lane.submit(to: pool) {
                    bothRun.pass()
                    return currentThreadName()
                }
            }
        let names = Set([try await futures[0].boundedValue, try await futures[1].boundedValue])
        #expect(!names.isEmpty && names.isSubset(of: ["kitchen-1", "kitchen-2"]))
    }

    @Test("CF13: many more jobs than workers run on the workers there are", arguments: Lane.allCases)
    func threadsStayAsManyAsAsked(lane: Lane) async throws {
        let pool = try ContextPool(workers: 3)
        let futures = try (0..<45).map { number in try lane.submit(to: pool) { (number, currentThreadID()) } }
        var threads: Set<String> = []
        for (number, future) in futures.enumerated() {
            let result = try await future.boundedValue
            #expect(result.0 == number)
            threads.insert(result.1)
        }
        #expect((1...3).contains(threads.count))
    }

    @Test("MP27: no more jobs run at a time than there are workers, and the others wait", arguments: Lane.allCases)
    func concurrencyIsTheNumberOfWorkers(lane: Lane) async throws {
        let pool = try ContextPool(workers: 2)
        let (begun, release) = (Turnstile(), Gate())
        let futures = try (0..<6)
            .map { _ in
                try lane.submit(to: pool) {
                    begun.pass()
                    release.wait()
                }
            }
        await begun.reached(2)
        // With both workers held at the gate nobody is left who could begin a third.
        #expect(begun.count == 2)
        #expect(futures.allSatisfy { !$0.isFinished })
        release.open()
        for future in futures { try await future.boundedValue }
        #expect(begun.count == 6)
    }

    @Test("MP29: the queue is bounded, and places are free again after a release", arguments: Lane.allCases)
    func queueIsBounded(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 3)
        let plug = try await Plug(pool)
        let waiting = try (0..<3).map { number in try lane.submit(to: pool) { number } }
        for _ in 0..<2 {
            #expect(throws: ContextPoolError.queueFull(pool: "pool", limit: 3)) { try lane.submit(to: pool) { 9 } }
        }
        plug.release.open()
        for (number, future) in waiting.enumerated() { #expect(try await future.boundedValue == number) }
        let again = try await Plug(pool)
        for _ in 0..<3 { try lane.submit(to: pool) {} }
        #expect(throws: ContextPoolError.queueFull(pool: "pool", limit: 3)) { try lane.submit(to: pool) {} }
        again.release.open()
    }

    @Test("a place is freed by cancelling, once however often", arguments: Lane.allCases)
    func cancelFreesOnePlace(lane: Lane) async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1)
        let plug = try await Plug(pool)
        let cancelled = try lane.submit(to: pool) {}
        for _ in 0..<3 { #expect(cancelled.cancel()) }
        let next = try lane.submit(to: pool) { 1 }
        #expect(throws: ContextPoolError.self) { try lane.submit(to: pool) {} }
        plug.release.open()
        #expect(try await next.boundedValue == 1)
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        #expect(pool.queue.unfinished == 0)
    }

    @Test("a suspended async job holds no worker, and comes back to the pool")
    func suspendedJobsHoldNoWorker() async throws {
        let pool = try ContextPool(workers: 1, name: "single")
        let (isSuspended, go) = (Gate(), Gate())
        let suspended = try pool.submit { () async throws -> [String] in
            let before = currentThreadName()
            isSuspended.open()
            await go.opened()
            return [before, currentThreadName()]
        }
        await isSuspended.opened()
        #expect(try await pool.submit { 1 }.boundedValue == 1)
        go.open()
        #expect(try await suspended.boundedValue == ["single-1", "single-1"])
    }

    @Test("an async job carries every task-local there is")
    func asyncJobsCarryEveryTaskLocal() async throws {
        let pool = try ContextPool(workers: 1)
        let seen = try Ambient.$tenant.withValue("acme") {
            try Ambient.$trace.withValue("t-1") {
                try pool.submit { () async throws -> String in
                    await Task.yield()
                    return "\(Ambient.tenant) \(Ambient.trace)"
                }
            }
        }
        #expect(try await seen.boundedValue == "acme t-1")
    }

    @Test("OB5: a worker that dies is replaced, and its job's future says so")
    func deadWorkersAreReplaced() async throws {
        let pool = try ContextPool(workers: 1, name: "fragile")
        let before = try await pool.submit { currentThreadID() }.boundedValue
        let plug = try await Plug(pool)
        let doomed: Future<Void> = try pool.submit { exitThread() }
        let next = try pool.submit { (currentThreadID(), currentThreadName(), RequestContext.current == nil) }
        plug.release.open()
        let error = try #require(await doomed.settled.error as? ContextPoolError)
        #expect(error.code == .workerDied)
        #expect(error.description.contains("\"fragile-1\""))
        let (after, name, isClean) = try await next.boundedValue
        #expect(after != before)
        #expect(name == "fragile-1")
        #expect(isClean)
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("an async job whose thread dies fails with workerDied, also after a suspension", arguments: [false, true])
    func asyncJobsMayLoseTheirThread(suspends: Bool) async throws {
        let pool = try ContextPool(workers: 1, name: "fragile")
        let doomed = try pool.submit { () async throws -> Void in
            if suspends { await Task.yield() }
            exitThread()
        }
        #expect(await doomed.settled.poolErrorCode == .workerDied)
        for lane in Lane.allCases {
            #expect(try await lane.submit(to: pool) { RequestContext.current == nil }.boundedValue)
        }
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("a task that an async job leaves behind may die without the job's being counted twice")
    func tasksLeftBehindMayDie() async throws {
        let pool = try ContextPool(workers: 2)
        let plug = try await Plug(pool)
        let (go, thread) = (Gate(), Record<String>())
        let job = try pool.submit { () async throws -> Void in
            _ = Task(executorPreference: pool) {
                await go.opened()
                thread.append(currentThreadID())
                exitThread()
            }
        }
        try await job.boundedValue
        go.open()
        // The end of a thread is its last act, counting included.
        await eventually {
            thread.elements.first.map { !FileManager.default.fileExists(atPath: "/proc/\($0)") } ?? false
        }
        #expect(pool.queue.unfinished == 1, "the plug")
        #expect(try await pool.submit { 1 }.boundedValue == 1)
        plug.release.open()
        #expect(await pool.shutDown(within: patience).unfinished == 0)
        #expect(pool.queue.unfinished == 0)
    }

    @Test("a pool outlives the death of every worker, many times over")
    func everyWorkerMayDie() async throws {
        let pool = try ContextPool(workers: 2)
        let futures: [Future<Int>] = try (0..<40)
            .map { number in
                try pool.submit {
                    if number.isMultiple(of: 2) { exitThread() }
                    return number
                }
            }
        for (number, future) in futures.enumerated() {
            let result = await future.settled
            if number.isMultiple(of: 2) {
                #expect(result.poolErrorCode == .workerDied)
            } else {
                #expect(try result.get() == number)
            }
        }
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("a callback that ends its worker does not keep the pool from closing")
    func callbacksMayEndTheWorker() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let future = try pool.submit { 1 }
        future.whenComplete { _ in exitThread() }
        plug.release.open()
        #expect(try await future.boundedValue == 1)
        #expect(try await pool.submit { 2 }.boundedValue == 2)
        #expect(await pool.shutDown(within: patience).unfinished == 0)
    }

    @Test("CF14: an idle worker is used again")
    func idleWorkersAreReused() async throws {
        let pool = try ContextPool(workers: 1)
        var threads: Set<String> = []
        for lane in Lane.allCases + Lane.allCases {
            threads.insert(try await lane.submit(to: pool) { currentThreadID() }.boundedValue)
        }
        #expect(threads.count == 1)
    }

    @Test("as a task executor it runs the tasks that prefer it")
    func tasksMayPreferThePool() async throws {
        let pool = try ContextPool(workers: 1, name: "preferred")
        #expect(await Task(executorPreference: pool) { currentThreadName() }.value == "preferred-1")
        let name = await withTaskExecutorPreference(pool) {
            await Task.yield()
            return currentThreadName()
        }
        #expect(name == "preferred-1")
    }

    @Test(
        "OB1: 64 concurrent users share one pool made at start-up: nobody ever sees another's request",
        arguments: Lane.allCases
    )
    func usersAreNeverMixed(lane: Lane) async throws {
        let pool = try ContextPool(
            workers: 4,
            queueLimit: 10_000,
            propagators: [.taskLocal(Ambient.$tenant, name: "tenant")]
        )
        let app = AppContext(name: "shop", pool: pool)
        let mistakes = try await withThrowingTaskGroup(of: Int.self) { group in
            for user in 0..<64 {
                group.addTask {
                    var values = ContextValues()
                    values.user = "user \(user)"
                    let request = RequestContext(app: app, values: values)
                    let futures = try Ambient.$tenant.withValue("tenant \(user)") {
                        try RequestContext.withCurrent(request) {
                            try (0..<50)
                                .map { number in
                                    request.g.count = number
                                    return try lane.submit(to: pool) {
                                        let mine = try RequestContext.require()
                                        let before = (mine.g.user, mine.g.count, Ambient.tenant)
                                        mine.g.user = "stained by \(user)"
                                        return before == ("user \(user)", number, "tenant \(user)")
                                    }
                                }
                        }
                    }
                    var mistakes = 0
                    for future in futures where try await !future.value { mistakes += 1 }
                    return request.g.user == "user \(user)" ? mistakes : mistakes + 1
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(mistakes == 0)
    }

    @Test("more workers than any machine can have are refused")
    func absurdNumbers() throws {
        let error = #expect(throws: ContextPoolError.self) { try ContextPool(workers: .max) }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test("detached jobs of several requests take turns")
    func detachedJobsTakeTurnsByRequest() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let order = Record<String>()
        let (ann, bob) = (RequestContext.make(pool: pool, user: "ann"), RequestContext.make(pool: pool, user: "bob"))
        for request in [ann, ann, ann, bob] {
            _ = try RequestContext.withCurrent(request) {
                try pool.submit(.detached) { order.append(RequestContext.current?.g.user ?? "") }
            }
        }
        plug.release.open()
        await pool.shutDown(within: patience)
        #expect(order.elements == ["ann", "bob", "ann", "ann"])
    }

    @Test("a job that its worker's thread died of is ended on a thread that is no worker any more")
    func aDeadWorkerIsNoWorker() async throws {
        let pool = try ContextPool(workers: 1)
        let plug = try await Plug(pool)
        let isWorker = Record<Bool>()
        let doomed = try pool.submit { exitThread() }
        doomed.whenComplete { _ in isWorker.append(Worker.current != nil) }
        plug.release.open()
        #expect(await doomed.settled.poolErrorCode == .workerDied)
        await eventually { isWorker.elements == [false] }
    }
}
