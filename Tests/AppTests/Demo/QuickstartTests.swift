import Baton
import Synchronization
import TestSupport
import Testing

@testable import App

/// The quickstart of Flask-Threads, and the case in which that mixes users up.
@Suite(.timeLimit(.minutes(1))) struct QuickstartTests {
    @Test(arguments: ["/user/thread", "/user/executor"])
    func aBackgroundThreadReadsTheUserOfItsRequest(path: String) async throws {
        try await DemoApplication.run { app in
            let response = try await app.request("GET \(path)", headers: ["user-id": "alice"])
            #expect(response.status == 200)
            #expect(response.body == "alice\n")
        }
    }

    @Test(arguments: ["/user/thread", "/user/executor"])
    func sixtyFourUsersAtOnceEachGetTheirOwnNameBack(path: String) async throws {
        try await DemoApplication.run { app in
            let answers = try await withThrowingTaskGroup(of: (String, String).self) { group in
                for number in 0..<64 {
                    group.addTask {
                        let user = "user-\(number)"
                        return (user, try await app.request("GET \(path)", headers: ["user-id": user]).body)
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(answers.count == 64)
            for (user, answer) in answers { #expect(answer == "\(user)\n") }
        }
    }

    @Test func usersWhoOverlapInsideThePoolAreNotMixedUp() async throws {
        // Every job waits until all are inside: with one shared context they would all see the last user.
        let workers = 8
        let inside = Mutex(0)
        let gate = Gate()
        try await TestApplication.run(yaml: DemoApplication.yaml + "\npool: { workers: \(workers) }") { app in
            app.router.get("/slow") { _, context in
                let future = try context.pool.submit {
                    let count = inside.withLock { count in
                        count += 1
                        return count
                    }
                    if count == workers { gate.open() }
                    gate.wait()
                    return try currentUserID()
                }
                return .text(try await future.value)
            }
        } _: { app in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<workers {
                    group.addTask {
                        let response = try await app.request("GET /slow", headers: ["user-id": "user-\(number)"])
                        #expect(response.body == "user-\(number)")
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func withoutTheHeaderNobodyComesBack() async throws {
        try await DemoApplication.run { app in
            let response = try await app.request("GET /user/executor")
            #expect(response.body == "nobody\n")
        }
    }
}
