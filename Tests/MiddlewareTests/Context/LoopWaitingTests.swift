import ContextPool
import EventServer
import Middleware
import Synchronization
import TestSupport
import Testing

/// What runs on the thread of a loop holds up all of its connections, whether it belongs to a request or not.
@Suite("Code on an event loop", .timeLimit(.minutes(1)))
struct LoopWaitingTests {
    enum Place: CaseIterable {
        case handler
        /// In the handler, with a context that has no request.
        case withoutRequest
        case connectionOpened
    }

    /// Looks when a connection was opened, which belongs to no request.
    private struct Observer: ServerObserver {
        let look: @Sendable () -> Void

        func connectionOpened() { look() }
    }

    @Test("waiting is refused, and no job is run in the place of a worker", arguments: Place.allCases)
    func blockingIsRefused(place: Place) async throws {
        let pool = try ContextPool(workers: 1, queueLimit: 1, whenFull: .callerRuns)
        let (runs, release) = (Gate(), Gate())
        let running = try pool.submit {
            runs.open()
            release.wait()
        }
        await runs.opened()
        let waiting = try pool.submit {}
        let codes = Mutex<[ContextPoolError.Code?]>([])
        @Sendable func code(_ body: () throws -> Void) -> ContextPoolError.Code? {
            do { try body() } catch { return (error as? ContextPoolError)?.code }
            return nil
        }
        @Sendable func look() {
            let seen = [code { try running.wait(timeout: .seconds(5)) }, code { try pool.submit {} }]
            codes.withLock { $0 = seen }
        }
        let responder = ContextResponder(app: AppContext(name: "test", pool: pool), chain: MiddlewareChain()) { _, _ in
            switch place {
            case .handler: look()
            case .withoutRequest: try ContextSnapshot.capture(.appOnly).run { look() }
            case .connectionOpened: break
            }
            return .text("ok")
        }
        var configuration = ServerConfiguration()
        configuration.port = 0
        let server = HTTPServer(
            configuration: configuration,
            responder: responder,
            logger: LogRecorder().makeLogger(),
            observer: Observer { if place == .connectionOpened { look() } }
        )
        let port = try server.bind().port
        let serving = Task { try await server.run() }
        let response = try await onThread {
            let connection = try RawConnection(port: port)
            try connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return try connection.receiveResponse()
        }
        #expect(response.status == 200)
        #expect(codes.withLock { $0 } == [.wouldBlockLoop, .queueFull])
        release.open()
        serving.cancel()
        try await serving.value
        try await waiting.value
    }
}
