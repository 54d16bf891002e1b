import ContextPool
import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

/// The samples of `docs/background-jobs.md`.
@Suite(.timeLimit(.minutes(1))) struct JobSamplesTests {
    private enum Report {
        static func render() throws -> String { "a report" }
    }

    private enum Payment {
        static func take() throws {}
    }

    private enum Mail {
        static func send() throws {}
    }

    @Test func `the samples compile, and answer`() async throws {
        var router = Router()

        router.get("/report") { request, context in
            let report = try context.pool.submit { try Report.render() }
            return .text(try await report.value)
        }

        router.post("/orders") { request, context in
            try context.pool.submit { try Report.render() }
            try context.pool.submit(.detached) { try Payment.take() }
            try context.pool.submit(.afterResponse) { try Mail.send() }
            return Response(status: .accepted)
        }

        router.get("/rates") { request, context in
            let rates = try context.pool.submit(context: .appOnly) { try Report.render() }
            let mine = try context.pool.submit(context: .except(propagators: ["trace"])) { try Report.render() }
            return .text(try await rates.value + mine.value)
        }

        router.get("/prices") { request, context in
            let prices = try context.pool.submit(within: .seconds(2)) {
                try CurrentJob.checkCancellation()
                return try Report.render()
            }
            return .text(try await prices.value)
        }

        router.get("/overview") { request, context in
            let news = try context.pool.submit { "news: \(try Report.render())" }
            let mail = try context.pool.submit { "mail: \(try Report.render())" }
            let page = Future.all([news, mail]).map { $0.joined(separator: "\n") }.recover { _ in "try again later" }
            return .text(try await page.value)
        }

        router.post("/reports") { request, context in
            let job = try context.pool.submit(named: "report", keptFor: .seconds(60), ownedBy: context.g.user?.id) {
                for page in 1...20 {
                    try CurrentJob.checkCancellation()
                    CurrentJob.report(Double(page) / 20, "page \(page)")
                }
                return try Report.render()
            }
            return Response(status: .accepted, headers: [.location: "/reports/\(job.id)"])
        }

        router.get("/reports/{id}") { request, context in
            let id: String = try context.parameters.require("id")
            guard let job = context.pool.job(id, ownedBy: context.g.user?.id) else { throw HTTPError(.notFound) }
            switch job.status.result {
            case .success(let report as String): return .text(report)
            case .failure: throw HTTPError(.internalServerError, "The report could not be made.")
            default: return .text("\(job.status.progress.fraction) \(job.status.progress.message)", status: .accepted)
            }
        }

        router.get("/reports/{id}/events") { request, context in
            let id: String = try context.parameters.require("id")
            guard let job = context.pool.job(id, ownedBy: context.g.user?.id) else { throw HTTPError(.notFound) }
            return .events { stream in
                for await status in job.changes() {
                    let text = "\(status.progress.fraction)"
                    try await stream.send(ServerSentEvent(text, name: status.isFinal ? "end" : "progress"))
                }
            }
        }

        let handler = try router.makeHandler()
        let exchange = try TestExchange()
        #expect(try await exchange.send(.test("/report"), handler).text == "a report")
        #expect(try await exchange.send(.test("/prices"), handler).text == "a report")
        #expect(try await exchange.send(.test("/rates"), handler).text == "a reporta report")
        #expect(try await exchange.send(.test("/overview"), handler).text == "news: a report\nmail: a report")
        #expect(try await exchange.send(.test("/orders", method: "POST"), handler).status == .accepted)

        let started = try await exchange.send(.test("/reports", method: "POST"), handler)
        let path = try #require(started.headers[.location])
        let id = try #require(path.split(separator: "/").last.flatMap { JobID(String($0)) })
        for await _ in try #require(exchange.app.pool.job(id)).changes() {}
        #expect(try await exchange.send(.test(path), handler).text == "a report")
        #expect(try await exchange.send(.test(path + "/events"), handler).headers[.contentType] == "text/event-stream")
        #expect(try await exchange.send(.test("/reports/7"), handler).status == .notFound)
    }
}
