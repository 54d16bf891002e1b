import Baton
import Synchronization
import TestSupport
import Testing

@testable import App

/// The article's case: work that goes on after the response still knows whose it is.
@Suite(.timeLimit(.minutes(1))) struct OrderImportTests {
    @Test func theAnswerComesBeforeTheJobEndsAndTheJobStillKnowsItsUser() async throws {
        let gate = Gate()
        let orderImport = OrderImport(beforeEach: { gate.wait() })
        try await DemoApplication.run(orderImport: orderImport) { app in
            let headers = ["user-id": "carol"]
            let response = try await app.request("POST /orders/import", headers: headers, body: "17\n18\n")
            #expect(response.status == 202)
            #expect(response.body == #"{"accepted":2}"#)
            // The job has not begun its first order: the gate is closed, and the response is here.
            #expect(try await app.request("GET /operation-log").body == "[]")

            gate.open()
            try await app.entries(2)
            #expect(
                try await app.request("GET /operation-log").body == """
                    [{"operation":"imported order 17","user":"carol"},{"operation":"imported order 18","user":"carol"}]
                    """
            )
        }
    }

    @Test func importsOfSeveralUsersDoNotMix() async throws {
        try await DemoApplication.run { app in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for user in ["ann", "ben", "cem", "dot"] {
                    group.addTask {
                        let headers = ["user-id": user]
                        let response = try await app.request(
                            "POST /orders/import",
                            headers: headers,
                            body: "of \(user)"
                        )
                        #expect(response.status == 202)
                    }
                }
                try await group.waitForAll()
            }
            try await app.entries(4)
            let log = try await app.request("GET /operation-log").body
            for user in ["ann", "ben", "cem", "dot"] {
                #expect(log.contains(#"{"operation":"imported order of \#(user)","user":"\#(user)"}"#))
            }
        }
    }
}

extension TestApplication {
    /// Asks until the log has so many entries; each question is a request, and their number is bounded.
    fileprivate func entries(_ count: Int) async throws {
        for _ in 0..<2000 {
            let log = try await request("GET /operation-log").body
            if log.split(separator: "operation", omittingEmptySubsequences: false).count - 1 >= count { return }
        }
        Issue.record("the log never got \(count) entries")
    }
}
