import Baton
import Foundation
import TestSupport
import Testing

@testable import App

/// A job that its user starts, follows and cancels from outside, and nobody else.
@Suite(.timeLimit(.minutes(1))) struct ReportsTests {
    private let pages = Pages()

    /// Reports that go on page by page, as the test says.
    private func byHand(keptFor time: Duration = .seconds(600)) -> Reports {
        Reports(
            pause: { [pages] _ in try await pages.turned() },
            keptFor: time
        )
    }

    /// A report that gets no further than its first page.
    private let endless = Reports(pause: { _ in
        await untilCancelled()
        throw CancellationError()
    })

    @Test func theAnswerSaysWhereTheJobIsAndThereItsProgressCanBeSeen() async throws {
        try await DemoApplication.run(reports: byHand()) { app in
            let job = try await app.startReport(as: ["user-id": "carol"])
            let begun = try await app.job(job, as: ["user-id": "carol"]) { $0["message"] as? String == "page 1 of 20" }
            #expect(begun["state"] as? String == "running")
            #expect(begun["fraction"] as? Double == 0)
            #expect(begun["name"] as? String == "report")
            #expect(begun["id"] as? String == job.split(separator: "/").last.map(String.init))
            #expect(begun["result"] == nil && begun["error"] == nil)
            pages.turn(10)
            let half = try await app.job(job, as: ["user-id": "carol"]) { $0["fraction"] as? Double == 0.5 }
            #expect(half["message"] as? String == "page 11 of 20")
            pages.turn(10)
            let done = try await app.job(job, as: ["user-id": "carol"]) { $0["state"] as? String == "succeeded" }
            #expect(done["fraction"] as? Double == 1)
            #expect((done["result"] as? [String: Any])?["user"] as? String == "carol")
            #expect((done["result"] as? [String: Any])?["pages"] as? Int == 20)
        }
    }

    @Test func eventsFollowTheJobToItsEndAndEndThemselves() async throws {
        try await DemoApplication.run(reports: byHand()) { app in
            let job = try await app.startReport()
            try await onThread {
                let connection = try RawConnection(port: app.port)
                try connection.send("GET \(job)/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                let head = try connection.receive(until: "\r\n\r\n")
                #expect(head.contains(" 200 ") && head.contains("text/event-stream"))
                _ = try connection.receive(until: #""message":"page 1 of 20""#)
                pages.turn(1)
                let second = try connection.receive(until: "page 2 of 20")
                #expect(second.contains("event: progress\nid: 3\ndata: {"))
                pages.turn(19)
                let rest = try connection.receiveToEnd()
                #expect(rest.contains("event: end\n"))
                #expect(rest.contains(#""result":{"pages":20,"user":"nobody"},"state":"succeeded"}"#))
                #expect(rest.components(separatedBy: "event: end").count == 2)
            }
        }
    }

    @Test func aBrowserThatComesBackGetsWhatIsNewAndIsToldWhenThereIsNoMore() async throws {
        try await DemoApplication.run(reports: byHand()) { app in
            let job = try await app.startReport()
            pages.turn(20)
            _ = try await app.job(job) { $0["state"] as? String == "succeeded" }
            let events = try await app.eventsToEnd(of: job)
            let last = try #require(events.components(separatedBy: "id: ").last?.prefix { $0.isNumber }.description)
            #expect(events.components(separatedBy: "data: ").count == 2, "who comes late gets the end alone")
            for strange in ["0", "99999999", "-1", "99999999999999999999", "x", "é"] {
                #expect(try await app.eventsToEnd(of: job, after: strange).contains("event: end"))
            }
            let again = try await app.request("GET \(job)/events", headers: ["Last-Event-ID": last])
            #expect(again.status == 204)
        }
    }

    @Test func aJobOfSomebodyElseIsNone() async throws {
        let token = try await AuthMiddleware.makeToken(for: "alice", secret: DemoApplication.secret)
        let alice = ["Authorization": "Bearer \(token)"]
        let ben = [
            "Authorization": "Bearer \(try await AuthMiddleware.makeToken(for: "ben", secret: DemoApplication.secret))"
        ]
        try await DemoApplication.run(reports: endless) { app in
            let job = try await app.startReport(as: alice)
            let missing = try await app.request("GET /jobs/\(String(repeating: "0", count: 32))", headers: alice)
            #expect(missing.status == 404)
            // A guest may call himself as he likes.
            for stranger in [[:], ben, ["user-id": "alice"], ["user-id": "user alice"]] {
                for line in ["GET \(job)", "GET \(job)/events", "DELETE \(job)"] {
                    let refused = try await app.request(line, headers: stranger)
                    #expect(refused.status == 404)
                    #expect(refused.body == missing.body)
                }
            }
            #expect(try await app.request("GET \(job)", headers: alice).status == 200)
            #expect(try await app.job(job, as: alice) { $0["state"] as? String == "running" }["error"] == nil)
        }
        try await DemoApplication.run(reports: byHand()) { app in
            let job = try await app.startReport(as: alice)
            pages.turn(20)
            let done = try await app.job(job, as: alice) { $0["result"] != nil }
            #expect((done["result"] as? [String: Any])?["user"] as? String == "alice")
        }
    }

    @Test(arguments: ["1", "0", "-1", "%00", "%2e%2e", "%F0%9F%92%A9", String(repeating: "f", count: 4000)])
    func whatIsNoIDIsNotFound(text: String) async throws {
        try await DemoApplication.run(reports: endless) { app in
            _ = try await app.startReport()
            #expect(try await app.request("GET /jobs/\(text)").status == 404)
            #expect(try await app.request("GET /jobs/\(text)/events").status == 404)
        }
    }

    @Test func aJobThatIsForgottenIsNotFound() async throws {
        try await DemoApplication.run(reports: byHand(keptFor: .zero)) { app in
            let job = try await app.startReport()
            pages.turn(20)
            // It is there while it runs.
            for _ in 0..<2000 { guard try await app.request("GET \(job)").status == 200 else { break } }
            #expect(try await app.request("GET \(job)").status == 404)
            #expect(try await app.request("GET \(job)/events").status == 404)
        }
    }

    @Test func moreThanTheServerCanHoldAreRefused() async throws {
        var reports = endless
        reports.limit = 1
        try await DemoApplication.run(reports: reports) { app in
            let job = try await app.startReport()
            let refused = try await app.request("POST /reports")
            #expect(refused.status == 503)
            #expect(refused.headers["retry-after"] == "5")
            #expect(try await app.request("DELETE \(job)").status == 204)
        }
    }

    @Test func itsUserMayCancelIt() async throws {
        try await DemoApplication.run(reports: endless) { app in
            let job = try await app.startReport()
            _ = try await app.job(job) { $0["state"] as? String == "running" }
            #expect(try await app.request("DELETE \(job)").status == 204)
            let ended = try await app.job(job) { $0["error"] != nil }
            #expect(ended["error"] as? String == "cancelled")
            #expect(ended["state"] as? String == "failed")
            #expect(try await app.eventsToEnd(of: job).contains("event: end"))
            #expect(try await app.request("DELETE \(job)").status == 204, "once more is no mistake")
        }
    }

    @Test func aFollowerWhoLeavesStopsNothing() async throws {
        try await DemoApplication.run(reports: byHand()) { app in
            let job = try await app.startReport()
            try await onThread {
                let connection = try RawConnection(port: app.port)
                try connection.send("GET \(job)/events HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try connection.receive(until: "page 1 of 20")
                connection.reset()
            }
            pages.turn(20)
            let done = try await app.job(job) { $0["result"] != nil }
            #expect(done["state"] as? String == "succeeded")
        }
    }

    @Test func homeStartsOneAndFollowsIt() async throws {
        try await DemoApplication.run { app in
            let page = try await app.request("GET /").body
            #expect(page.contains(#"fetch("/reports", { method: "POST" })"#))
            #expect(page.contains(#"new EventSource(job + "/events")"#))
        }
    }

    @Test func anErrorTellsAClientOnlyWhatIsForHim() throws {
        struct Leak: Error { var secret = "hunter2" }
        let errors: [(any Error, String)] = [
            (HTTPError(.conflict, "There is one already."), "There is one already."),
            (CancellationError(), "cancelled"),
            (Leak(), "failed"),
        ]
        for (error, text) in errors {
            #expect(JobDescription.text(of: error) == text)
        }
    }
}

/// The pages of one report, turned by the test.
private struct Pages {
    private let turns: AsyncStream<Void>
    private let turning: AsyncStream<Void>.Continuation

    init() { (turns, turning) = AsyncStream.makeStream() }

    func turn(_ count: Int) { for _ in 0..<count { turning.yield() } }

    func turned() async throws {
        for await _ in turns { return }
        try Task.checkCancellation()
    }
}

extension TestApplication {
    /// Starts a report; returns the path of its job.
    fileprivate func startReport(as user: [String: String] = [:]) async throws -> String {
        let response = try await request("POST /reports", headers: user)
        #expect(response.status == 202)
        let job = try #require(response.headers["location"])
        #expect(job.hasPrefix("/jobs/") && job.count == 38)
        return job
    }

    /// Asks for a job until it is as it should be; each question is a request, and their number is bounded.
    @discardableResult
    fileprivate func job(
        _ path: String,
        as user: [String: String] = [:],
        until isRight: ([String: Any]) -> Bool
    ) async throws -> [String: Any] {
        for _ in 0..<2000 {
            let response = try await request("GET \(path)", headers: user)
            let json = try JSONSerialization.jsonObject(with: Data(response.body.utf8))
            let job = try #require(json as? [String: Any], "\(response.status) \(response.body)")
            if isRight(job) { return job }
        }
        throw RawConnection.Failure(description: "the job was never as it should be")
    }

    /// The events of a job, until they end.
    fileprivate func eventsToEnd(of job: String, after id: String? = nil) async throws -> String {
        let seen = id.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        let message = "GET \(job)/events HTTP/1.1\r\nHost: x\r\n\(seen)Connection: close\r\n\r\n"
        return try await onThread {
            let connection = try RawConnection(port: port)
            try connection.send(message)
            return try connection.receiveToEnd()
        }
    }
}
