import ContextPool
import Synchronization
import TestSupport
import Testing

@testable import Baton

/// On every way out of a real server a request's context is torn down once, says whether it was given up, and dies.
@Suite("The life of a request", .timeLimit(.minutes(1)))
struct RequestLifeTests {
    private struct Broken: Error {}

    /// What has become of the contexts of one test.
    private final class Lives: Sendable {
        private struct Life: Sendable {
            weak let context: RequestContext?
        }

        private let state = Mutex<(lives: [Life], ends: [String])>(([], []))

        func begin(_ context: RequestContext) {
            state.withLock { $0.lives.append(Life(context: context)) }
            context.onTeardown { [self] ended in
                let end = "\(ended.outcome.map { "\($0.ending)" } ?? "none") \(ended.isCancelled)"
                state.withLock { $0.ends.append(end) }
            }
        }

        var ends: [String] { state.withLock(\.ends) }
        var haveDied: Bool { state.withLock { !$0.lives.isEmpty && $0.lives.allSatisfy { $0.context == nil } } }
    }

    /// A way for a request to end.
    enum Way: String, CaseIterable, Sendable {
        case answer, error, head, pool, unread, stream, streamToHead, brokenStream, leave, leavePool, leaveStream, late,
            latePool

        /// How its context ends, and whether it was cancelled.
        var end: String {
            switch self {
            case .answer, .error, .head, .pool, .unread, .stream, .streamToHead: "delivered false"
            case .brokenStream: "broken true"
            case .leave, .leavePool, .leaveStream: "clientLeft true"
            case .late, .latePool: "timedOut true"
            }
        }

        var isLeft: Bool { rawValue.hasPrefix("leave") }
        var method: String { self == .head || self == .streamToHead ? "HEAD" : self == .unread ? "POST" : "GET" }
    }

    private static func answer(_ way: Way, _ context: RequestContext, _ begun: Gate) async throws -> Response {
        switch way {
        case .error: throw Broken()
        case .stream, .streamToHead:
            return Response(status: .ok, body: .stream(length: 2) { try await $0.write("ok") })
        case .brokenStream:
            return Response(
                status: .ok,
                body: .stream { writer in
                    try await writer.write("ok")
                    throw Broken()
                }
            )
        case .leaveStream:
            return Response(
                status: .ok,
                body: .stream { _ in
                    begun.open()
                    await untilCancelled()
                }
            )
        case .leave, .leavePool, .late, .latePool:
            begun.open()
            // The context is told, and not only the task.
            let told = Gate()
            context.onCancel { told.open() }
            await told.opened()
            await untilCancelled()
            return .text("nobody gets this")
        case .answer, .head, .pool, .unread: return .text("ok")
        }
    }

    @Test("ends once and leaves nothing behind", arguments: Way.allCases, [false, true])
    func ends(_ way: Way, isProbation: Bool) async throws {
        let lives = Lives()
        let begun = Gate()
        let yaml = """
            server: {loops: 1, timeouts: {handler: \(way.rawValue.hasPrefix("late") ? "100ms" : "60s")}}
            pool: {workers: 1}
            \(isProbation ? "reload: {rollback: {share: 0.9, minimum: 1000, window: 60s}}" : "")
            """
        try await TestApplication.run(yaml: yaml) { app in
            let place: Router.Place = way.rawValue.lowercased().hasSuffix("pool") ? .pool : .loop
            app.router.on(nil, "/", on: place) { _, context in
                lives.begin(context)
                return try await Self.answer(way, context, begun)
            }
        } _: { server in
            try await onThread {
                let connection = try RawConnection(port: server.port)
                let length = way == .unread ? "Content-Length: 100000\r\n" : ""
                try connection.send("\(way.method) / HTTP/1.1\r\nHost: h\r\n\(length)\r\n")
                if way.isLeft {
                    begun.wait()
                    return connection.reset()
                }
                if way == .brokenStream {
                    _ = try? connection.receiveToEnd()
                } else {
                    _ = try connection.receiveResponse(toHead: way.method == "HEAD")
                }
            }
            // While the server runs, and the connection may go on.
            #expect(await isSoon { lives.haveDied })
        }
        #expect(lives.ends == [way.end])
    }

    @Test("ends with the server, where that does not wait for it", arguments: [false, true])
    func stops(streams: Bool) async throws {
        let lives = Lives()
        let begun = Gate()
        let client = try await TestApplication.run(yaml: "server: {loops: 1, timeouts: {drain: 10ms}}") { app in
            app.router.get("/") { _, context in
                lives.begin(context)
                return try await Self.answer(streams ? .leaveStream : .leave, context, begun)
            }
        } _: { server in
            let client = Task {
                try await onThread {
                    let connection = try RawConnection(port: server.port)
                    try connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                    _ = try? connection.receiveToEnd()
                }
            }
            await begun.opened()
            return client
        }
        try await client.value
        #expect(await isSoon { lives.haveDied })
        #expect(lives.ends == ["serverStopped true"])
    }
}
