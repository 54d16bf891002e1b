import ContextPool
import EventServer
import Logging
import TestSupport
import Testing

@testable import Middleware

@Suite("The log lines of jobs", .timeLimit(.minutes(1)))
struct JobLogTests {
    private struct Broken: Error, CustomStringConvertible {
        let description = "the printer is on fire"
    }

    private let logs = LogRecorder()

    private func lines(_ level: Logger.Level) -> [LogRecorder.Line] { logs.lines.filter { $0.level == level } }

    @Test("name what nobody else would: the error, the job, its line of source, and the request")
    func unseenFailures() async throws {
        let exchange = try TestExchange(observer: JobLog(logs.makeLogger(provider: .requestContext)))
        var router = Router()
        let line = #line + 2
        router.post("/orders/{id}") { _, context in
            try context.pool.submit(named: "print") { throw Broken() }
            return .text("accepted")
        }
        let chain = [try RequestIDMiddleware(options: options("{}"))]
        let request = try Request.test("/orders/7", method: "POST", fields: ["x-request-id: r-1"])
        await exchange.send(request, through: chain, try router.makeHandler())
        #expect(await isSoon { lines(.error).count == 1 })
        let unseen = try #require(lines(.error).first)
        #expect(unseen.message == "a job failed, and nobody asked for its outcome")
        #expect(
            unseen.metadata == [
                "error": "the printer is on fire", "job": "print", "request-id": "r-1", "route": "/orders/{id}",
                "submitted-at": "MiddlewareTests/JobLogTests.swift:\(line)",
            ]
        )
        #expect(lines(.debug).map(\.message) == ["a job failed"])
        #expect(lines(.debug).map(\.metadata) == [unseen.metadata])
    }

    @Test("are one, at debug, where somebody sees the error; none where the job was cancelled")
    func seenFailures() async throws {
        let pool = try ContextPool(workers: 1, observer: JobLog(logs.makeLogger()))
        await #expect(throws: Broken.self) { try await pool.submit { throw Broken() }.value }
        _ = try pool.submit { throw CancellationError() }
        try pool.submit { () async throws -> Void in throw CancellationError() }
        await pool.shutDown()
        #expect(logs.lines.map(\.message) == ["a job failed"])
        #expect(logs.lines.first?.level == .debug)
    }

    @Test("warn of a job that was pushed out of a full queue, and leave those of a shutdown to that")
    func losses() async throws {
        let pool = try ContextPool(
            workers: 1,
            queueLimit: 1,
            whenFull: .dropOldest,
            observer: JobLog(logs.makeLogger())
        )
        let (runs, go) = (Gate(), Gate())
        try pool.submit {
            runs.open()
            go.wait()
        }
        await runs.opened()
        _ = try pool.submit(named: "first") {}
        _ = try pool.submit(named: "second") {}
        async let report = pool.shutDown(.cancelPending)
        #expect(await isSoon { pool.waitingJobs == 0 })
        go.open()
        #expect(await report.neverRan.map(\.name) == ["second"])
        #expect(await isSoon { !logs.lines.isEmpty })
        #expect(logs.lines.map(\.message) == ["a job was lost before it ran"])
        #expect(logs.lines.map { $0.metadata["job"] } == ["first"])
        #expect(logs.lines.map(\.level) == [.warning])
    }

    @Test("tell what a callback threw, which has no other place to go, and what was left behind on a worker")
    func callbacks() async throws {
        let log = JobLog(logs.makeLogger())
        let pool = try ContextPool(workers: 1, observer: log)
        let line = SourceSite().line + 1
        try pool.submit {}.whenComplete { _ in throw Broken() }
        await pool.shutDown()
        #expect(await isSoon { logs.lines.map(\.message) == ["a callback of a future failed"] })
        #expect(logs.lines.first?.metadata["submitted-at"] == "\(SourceSite(line: line))")
        log.contextLeaked(nil, "locale")
        #expect(logs.lines.last?.metadata == ["left": "locale"])
        #expect(logs.lines.allSatisfy { $0.level == .error })
    }
}
