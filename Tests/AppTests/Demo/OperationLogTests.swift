import Baton
import Testing

@testable import App

/// The three methods of the article, side by side.
@Suite(.timeLimit(.minutes(1))) struct OperationLogTests {
    private let log = OperationLog()
    private let app: AppContext

    init() throws {
        var values = ContextValues()
        values.operationLog = log
        app = AppContext(name: "test", pool: try ContextPool(workers: 2), values: values)
    }

    private func request(of user: String) -> RequestContext {
        var values = ContextValues()
        values.userID = user
        return RequestContext(app: app, values: values)
    }

    @Test func passingTheValueInAdvanceNeedsNoContext() async throws {
        let log = log
        let future = try app.pool.submit { OperationLog.save("paid", by: "alice", to: log) }
        try await future.value
        #expect(log.all == [.init(user: "alice", operation: "paid")])
    }

    @Test func toleratingTheAbsenceLosesWhoItWas() async throws {
        let log = log
        let future = try app.pool.submit { OperationLog.saveIfKnown("paid", to: log) }
        try await future.value
        #expect(log.all == [.init(user: nil, operation: "paid")])
    }

    @Test func carryingTheContextNeedsNoParameterAndKnowsTheUser() async throws {
        let future = try RequestContext.withCurrent(request(of: "alice")) {
            try app.pool.submit { try saveOperationLog("paid") }
        }
        try await future.value
        #expect(log.all == [.init(user: "alice", operation: "paid")])
    }

    @Test func askingOutsideOfAContextSaysWhatHappenedAndWhatToDo() async throws {
        let future = try app.pool.submit { try saveOperationLog("paid") }
        let error = await #expect(throws: ContextError.self) { try await future.value }
        #expect(error?.code == .outsideRequestContext)
        #expect(error?.description.contains("Working outside of a request context") == true)
        #expect(error?.description.contains("context.pool.submit") == true)
        #expect(log.all.isEmpty)
    }

    @Test func onlyTheNewestEntriesAreKept() {
        for number in 0..<1000 { OperationLog.save("\(number)", by: "alice", to: log) }
        #expect(log.all.count == 200)
        #expect(log.all.last?.operation == "999")
    }
}
