import ContextPool
import HTTPTypes
import TestSupport
import Testing

@testable import EventServer
@testable import Middleware

@Suite struct `ContextResponder, jobs` {
    private enum NameKey: ContextKey {
        static let name = "name"
        static let defaultValue = ""
    }

    @Test func `the description of a snapshot does not show the fields of its request`() async throws {
        let exchange = try TestExchange()
        await exchange.send(try .test("/here")) { _, _ in
            let description = ContextSnapshot.capture().description
            #expect(description.hasPrefix("test, request, "))
            #expect(!description.contains("/here"))
            return .text("ok")
        }
    }

    @Test func `a job has the request of its submitter, unless its selection names what it gets`() async throws {
        let exchange = try TestExchange()
        await exchange.send(try .test("/here")) { _, context in
            context.g[NameKey.self] = "ann"
            let rest = try ContextSelection.except(NameKey.self)
            for selection in [ContextSelection.all, rest] {
                let path = try await context.pool.submit(context: selection) { Request.current?.path }.value
                #expect(path == "/here")
            }
            // A request holds cookies and passwords: who gets some values only does not get it with them.
            for selection in [try ContextSelection.only(NameKey.self), .appOnly] {
                let path = try await context.pool.submit(context: selection) { Request.current?.path }.value
                #expect(path == nil)
            }
            return .text("ok")
        }
    }

    @Test func `a job of a job has the request, and neither can change its response`() async throws {
        let exchange = try TestExchange()
        let response = await exchange.send(try .test("/here")) { _, context in
            let path = try await context.pool
                .submit {
                    RequestContext.current?.onResponse { $0.status = .accepted }
                    return try context.pool.submit { Request.current?.path }
                }
                .value.value
            #expect(path == "/here")
            return .text("ok")
        }
        #expect(response.status == .ok)
    }
}
