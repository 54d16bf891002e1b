import HTTPTypes
import Logging
import TestSupport
import Testing

@testable import EventServer

@Suite("The watchdog", .timeLimit(.minutes(1)))
struct WatchdogTests {
    private static func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n" }

    private static func lines(_ message: String, of server: TestServer) -> [LogRecorder.Line] {
        server.logs.lines.filter { $0.message == message }
    }

    @Test("names the route that blocks its loop, once while it does and once afterwards")
    func names() async throws {
        let release = Gate()
        try await TestServer.run {
            $0.loops = 1
            $0.blockThreshold = threshold
        } answer: { request in
            request.noteRoute("/users/{id}")
            if request.path == "/users/1" { hold(release) }
            return .text("ok")
        } _: { server in
            async let response = server.exchange(Self.get("/users/1"))
            #expect(await isSoon { !Self.lines("a handler blocks its loop", of: server).isEmpty })
            // As long as the watchdog needs to look a few times more.
            let end = ContinuousClock.now + threshold / 2
            #expect(await isSoon { ContinuousClock.now > end })
            #expect(Self.lines("a handler has blocked its loop", of: server).isEmpty)
            release.open()
            let status = try await response.status
            #expect(status == 200)
            _ = try await server.exchange(Self.get("/users/2"))
            for message in ["a handler blocks its loop", "a handler has blocked its loop"] {
                let lines = Self.lines(message, of: server)
                #expect(lines.count == 1)
                #expect(lines.first?.metadata["path"] == "/users/1")
                #expect(lines.first?.metadata["route"] == "/users/{id}")
                #expect(lines.first?.level == .warning)
            }
        }
    }

    @Test("names the request that blocks, and not the one before it whose answer has let it begin")
    func namesPipelined() async throws {
        let (goesOn, release) = (Gate(), Gate())
        try await TestServer.run {
            $0.loops = 1
            $0.blockThreshold = threshold
        } answer: { request in
            if request.path == "/first" { await goesOn.opened() } else { hold(release) }
            return .text("ok")
        } _: { server in
            async let statuses = server.connect { connection in
                try connection.send(Self.get("/first") + Self.get("/second"))
                goesOn.open()
                return try [connection.receiveResponse().status, connection.receiveResponse().status]
            }
            #expect(await isSoon { !Self.lines("a handler blocks its loop", of: server).isEmpty })
            release.open()
            let answered = try await statuses
            #expect(answered == [200, 200])
            _ = try await server.exchange(Self.get("/third"))
            for message in ["a handler blocks its loop", "a handler has blocked its loop"] {
                #expect(Self.lines(message, of: server).map { $0.metadata["path"] } == ["/second"])
            }
        }
    }

    @Test("says nothing of a handler that waits without blocking")
    func awaiting() async throws {
        let (isStarted, gate) = (Gate(), Gate())
        try await TestServer.run {
            $0.blockThreshold = threshold
        } answer: { _ in
            isStarted.open()
            await gate.opened()
            return .text("ok")
        } _: { server in
            async let response = server.exchange(Self.get("/"))
            await isStarted.opened()
            let end = ContinuousClock.now + threshold * 3 / 2
            #expect(await isSoon { ContinuousClock.now > end })
            gate.open()
            let status = try await response.status
            #expect(status == 200)
            #expect(!server.logs.lines.contains { $0.message.contains("block") })
        }
    }
}

/// Long enough that a busy machine does not pass for a handler that blocks.
private let threshold = Duration.seconds(1)
