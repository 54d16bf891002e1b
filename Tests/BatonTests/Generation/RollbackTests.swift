import Synchronization
import TestSupport
import Testing

@testable import Baton

@Suite(.timeLimit(.minutes(1))) struct RollbackTests {
    private let rule = "reload: {rollback: {share: 0.5, window: 10s, minimum: 4}}"

    private func stage(_ options: String = "id: one") async throws -> ReloadStage {
        try await ReloadStage(options, rest: rule)
    }

    @Test func `a rise of 5xx right after a reload goes back to what served before`() async throws {
        let stage = try await stage()
        for _ in 0..<4 { try await stage.request() }
        await stage.reload("id: two, status: 500", rest: rule)
        for _ in 0..<3 { #expect(try await stage.request() == "two") }
        #expect(stage.generations.generation?.number == 2)
        try await stage.request()
        #expect(try await stage.request() == "one")
        await stage.diary.noted("stop two")
        #expect(stage.diary.entries == ["start one", "start two", "stop two"])
        let line = stage.logs.lines.first { $0.level == .error }
        #expect(line?.message == "configuration rolled back: too many responses were 5xx")
        #expect(line?.metadata["responses"] == "4" && line?.metadata["faults"] == "4")
        await stage.reload("id: three", rest: rule)
        #expect(try await stage.request() == "three")
        _ = await stage.close()
    }

    @Test func `what was as bad before is no rise`() async throws {
        let stage = try await stage("id: one, status: 503")
        for _ in 0..<8 { try await stage.request() }
        await stage.reload("id: two, status: 503", rest: rule)
        for _ in 0..<8 { #expect(try await stage.request() == "two") }
        _ = await stage.close()
    }

    @Test func `fewer faults than configured, or other refusals, are no reason`() async throws {
        let stage = try await stage()
        await stage.reload("id: two, status: 404", rest: rule)
        for _ in 0..<20 { #expect(try await stage.request() == "two") }
        _ = await stage.close()
    }

    @Test func `after its window a generation stays, and the one before is stopped`() async throws {
        let stage = try await stage()
        await stage.reload("id: two, status: 500", rest: rule)
        for _ in 0..<3 { try await stage.request() }
        await stage.time.somebodySleeps()
        #expect(stage.generations.aliveCount == 2)
        stage.time.advance(by: .seconds(10))
        await stage.diary.noted("stop one")
        for _ in 0..<8 { #expect(try await stage.request() == "two") }
        _ = await stage.close()
    }

    @Test func `without a configured share nothing is taken back, and nothing is kept`() async throws {
        let stage = try await ReloadStage("id: one")
        await stage.reload("id: two, status: 500")
        await stage.diary.noted("stop one")
        for _ in 0..<40 { #expect(try await stage.request() == "two") }
        _ = await stage.close()
    }

    @Test func `faults are counted in windows, of which the last two are known`() {
        let now = Mutex(Duration.zero)
        let rollback = ReloadSettings.Rollback(share: 0.5, window: .seconds(10), minimum: 4)
        let counter = FaultCounter(rollback) { now.withLock { $0 } }
        counter.count(isFault: true)
        now.withLock { $0 = .seconds(9) }
        counter.count(isFault: false)
        #expect(counter.recent == FaultCounter.Count(responses: 2, faults: 1))
        now.withLock { $0 = .seconds(12) }
        counter.count(isFault: false)
        #expect(counter.recent == FaultCounter.Count(responses: 3, faults: 1))
        now.withLock { $0 = .seconds(23) }
        #expect(counter.recent == FaultCounter.Count(responses: 1, faults: 0))
        now.withLock { $0 = .seconds(100) }
        #expect(counter.recent == FaultCounter.Count())
    }

    @Test(arguments: ["share: 1.5", "share: -1", "share: x", "window: 5", "minimum: 0"])
    func `a rule that makes no sense is refused`(_ rule: String) async {
        await #expect(throws: ConfigurationError.self) {
            try await Application(yaml: "reload: {rollback: {\(rule)}}").checkChain()
        }
    }
}
