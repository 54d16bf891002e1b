import TestSupport
import Testing

@testable import ContextPool

@Suite("Following jobs", .timeLimit(.minutes(1)))
struct JobChangesTests {
    @Test("a follower sees how it is, how it changes, and the end; then the sequence ends", arguments: Lane.allCases)
    func followersSeeChanges(lane: Lane) async throws {
        let pool = try ContextPool(workers: 2)
        let plug = try await Plug(pool)
        let other = try await Plug(pool)
        let steps = (0..<3).map { _ in Gate() }
        let job = try lane.submit(to: pool, named: "report") {
            for (number, step) in steps.enumerated() {
                step.wait()
                CurrentJob.report(Double(number + 1) / 4, "step \(number)")
            }
            return "done"
        }
        var changes = job.kept.changes().makeAsyncIterator()
        #expect(await changes.next()?.state == .queued)
        plug.release.open()
        other.release.open()
        #expect(await changes.next()?.state == .running)
        for (number, step) in steps.enumerated().dropLast() {
            step.open()
            let expected = JobProgress(fraction: Double(number + 1) / 4, message: "step \(number)")
            #expect(await changes.next()?.progress == expected)
        }
        steps[2].open()
        _ = try await job.future.boundedValue
        let last = try #require(await changes.next())
        #expect(last.isFinal && last.state == .succeeded)
        #expect(try last.result?.get() as? String == "done")
        #expect(await changes.next() == nil)
        #expect(await changes.next() == nil)
    }

    @Test("a slow follower gets the latest, and nothing piles up")
    func followersGetTheLatest() async throws {
        let job = KeptJob.loose()
        var changes = job.changes().makeAsyncIterator()
        #expect(await changes.next()?.version == 0)
        for number in 1...10_000 { job.report(Double(number) / 20_000, "\(number)") }
        let status = try #require(await changes.next())
        #expect(status.progress.message == "10000")
        #expect(status.version == 10_000)
        job.report(0.5, "10000")
        #expect(job.status.version == 10_000, "what changes nothing is no change")
        job.end(.success(1), isCancelled: false)
        #expect(await changes.next()?.isFinal == true)
        #expect(await changes.next() == nil)
    }

    @Test("who comes back with the version that he has seen gets what is newer, and after the last one nothing")
    func versionsAreNotRepeated() async throws {
        let job = KeptJob.loose()
        job.report(0.5)
        #expect(await job.changes(after: 0).first { _ in true }?.version == 1)
        // A version that never was is not waited for.
        for strange in [Int.max, Int.min, -1, 77] {
            #expect(await job.changes(after: strange).first { _ in true }?.version == 1)
        }
        async let next = job.changes(after: 1).first { _ in true }
        await eventually { job.followerCount == 1 }
        job.report(0.75)
        #expect(await next?.version == 2)
        job.end(.failure(Broken()), isCancelled: false)
        #expect(await job.changes(after: 2).reduce(into: []) { $0.append($1.version) } == [3])
        #expect(await job.changes(after: 3).reduce(into: []) { $0.append($1.version) } == [])
        #expect(await job.changes().reduce(into: []) { $0.append($1.version) } == [3])
    }

    @Test("a follower that is cancelled ends, leaves nothing behind, and the others go on")
    func followersMayLeave() async throws {
        let job = KeptJob.loose()
        let staying = Task { await job.changes(after: 0).reduce(into: [Int]()) { $0.append($1.version) } }
        let leaving = Task { await job.changes(after: 0).reduce(into: [Int]()) { $0.append($1.version) } }
        await eventually { job.followerCount == 2 }
        leaving.cancel()
        #expect(await leaving.value == [])
        #expect(job.followerCount == 1)
        job.end(.success(1), isCancelled: false)
        #expect(await staying.value == [1])
        #expect(job.followerCount == 0)
        let early = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return await job.changes().reduce(into: [Int]()) { $0.append($1.version) }
        }
        #expect(await early.value == [])
    }

    @Test("reports, followers, those who leave and the end may race: who stays sees the end, and it is the last")
    func everythingMayRace() async throws {
        for round in 0..<100 {
            let job = KeptJob.loose()
            await withTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask {
                        var statuses: [JobStatus] = []
                        for await status in job.changes() { statuses.append(status) }
                        #expect(statuses.last?.isFinal == true)
                        #expect(statuses.map(\.version) == statuses.map(\.version).sorted())
                    }
                }
                let leaving = (0..<2).map { _ in Task { for await _ in job.changes() {} } }
                for _ in 0..<2 {
                    group.addTask { for number in 0..<50 { job.report(Double(number) / 50) } }
                }
                group.addTask { for task in leaving { task.cancel() } }
                group.addTask {
                    if round.isMultiple(of: 2) { await Task.yield() }
                    job.end(.success(round), isCancelled: false)
                    job.end(.failure(Broken()), isCancelled: true)
                }
                for task in leaving { await task.value }
            }
            #expect(job.status.state == .succeeded)
            #expect(job.followerCount == 0)
        }
    }
}

extension KeptJob {
    /// One without a pool, which the test ends itself.
    static func loose() -> KeptJob {
        let alarm = DeadlineAlarm(clock: .continuous)
        let home = KeptJobs(limit: 1, clock: .continuous, alarm: alarm)
        return KeptJob(name: "loose", owner: nil, site: SourceSite(), keptFor: .zero, in: home)
    }
}
