import Synchronization
import TestSupport
import Testing

@testable import EventServer

@Suite("A stream of events", .timeLimit(.minutes(1)))
struct EventStreamTests {
    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    /// A clock whose one sleeper wakes when the test says so.
    private final class HandClock: Clock, Sendable {
        let now = ContinuousClock.now
        let minimumResolution = Duration.zero
        let wishes = Mutex<[Duration]>([])
        private let ticks = AsyncStream.makeStream(of: Void.self)

        func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
            wishes.withLock { $0.append(now.duration(to: deadline)) }
            var iterator = ticks.stream.makeAsyncIterator()
            _ = await iterator.next()
            try Task.checkCancellation()
        }

        func tick() { ticks.continuation.yield() }
    }

    @Test("says what it is, and sends each event at once")
    func events() async throws {
        let gate = Gate()
        try await TestServer.answering { _ in
            .events { stream in
                try await stream.send("first")
                await gate.opened()
                try await stream.send(ServerSentEvent("second", name: "n"))
            }
        } during: { server in
            try await server.connect { connection in
                try connection.send(Self.get)
                let head = try connection.receive(until: "\r\n\r\n")
                #expect(head.contains("\r\nContent-Type: text/event-stream\r\n"))
                #expect(head.contains("\r\nCache-Control: no-cache\r\n"))
                _ = try connection.receive(until: "data: first\n\n\r\n")
                gate.open()
                _ = try connection.receive(until: "event: n\ndata: second\n\n\r\n0\r\n\r\n")
            }
        }
    }

    @Test("beats while it is silent, and ends with its producer")
    func heartbeat() async throws {
        let clock = HandClock()
        let gate = Gate()
        try await TestServer.answering { _ in
            Response.events(heartbeat: .seconds(15), clock: clock) { stream in
                try await stream.send("first")
                await gate.opened()
            }
        } during: { server in
            try await server.connect { connection in
                try connection.send(Self.get)
                _ = try connection.receive(until: "data: first\n\n\r\n")
                for _ in 0..<3 {
                    clock.tick()
                    #expect(try connection.receive(until: "3\r\n:\n\n\r\n") == "3\r\n:\n\n\r\n")
                }
                gate.open()
                #expect(try connection.receive(until: "0\r\n\r\n") == "0\r\n\r\n")
            }
            #expect(clock.wishes.withLock { $0.count >= 3 && $0.allSatisfy { $0 == .seconds(15) } })
        }
    }

    @Test("ends its producer when nobody listens any more")
    func departure() async throws {
        let (isStarted, isOver) = (Gate(), Gate())
        try await TestServer.answering { _ in
            .events(heartbeat: .milliseconds(10)) { stream in
                defer { isOver.open() }
                isStarted.open()
                await untilCancelled()
            }
        } during: { server in
            try await server.connect { connection in
                try connection.send(Self.get)
                isStarted.wait()
            }
            await isOver.opened()
        }
    }
}
