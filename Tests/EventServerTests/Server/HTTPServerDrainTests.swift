import HTTPTypes
import Logging
import Synchronization
import TestSupport
import Testing

@testable import EventServer

@Suite("A server that is asked to stop", .timeLimit(.minutes(1)))
struct HTTPServerDrainTests {
    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    private struct Answer: Responder {
        func respond(to request: Request) async -> Response { .text("ok") }
    }

    @Test("drains: idle connections close, a running request finishes, nobody new comes in")
    func drain() async throws {
        let started = Gate()
        let release = Gate()
        try await TestServer.run {
            $0.loops = 1
        } answer: { request in
            if request.path == "/slow" {
                started.open()
                await release.opened()
            }
            return .text(request.path)
        } _: { server in
            try await server.connect { running in
                let idle = try RawConnection(port: server.port)
                try idle.send(Self.get)
                #expect(try idle.receiveResponse().headers["connection"] == nil)
                try running.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
                started.wait()
                server.server.shutDown()
                #expect(try idle.receive().isEmpty)
                #expect(throws: RawConnection.Failure.self) { try RawConnection(port: server.port) }
                release.open()
                let response = try running.receiveResponse()
                #expect(response.body == "/slow")
                #expect(response.headers["connection"] == "close")
                #expect(try running.receive().isEmpty)
            }
        }
    }

    @Test("lets run return at once when the last connection is through")
    func drainEnds() async throws {
        var configuration = ServerConfiguration()
        configuration.port = 0
        configuration.loops = 2
        configuration.timeouts.drain = .seconds(3600)
        let server = HTTPServer(
            configuration: configuration,
            responder: Answer(),
            logger: LogRecorder().makeLogger()
        )
        let address = try server.bind()
        let running = Task { try await server.run() }
        try await onThread {
            let connection = try RawConnection(port: address.port)
            try connection.send(Self.get)
            _ = try connection.receiveResponse()
        }
        server.shutDown()
        server.shutDown()
        // Or else the time limit of the suite ends it.
        try await running.value
    }

    @Test("ends a connection that was still sending when it began to drain", arguments: [true, false])
    func drainWithOutput(isBodyUnread: Bool) async throws {
        let body = [UInt8](repeating: 0x61, count: 8_000_000)
        let sent = Gate()
        try await TestServer.run {
            $0.loops = 1
        } answer: { _ in
            sent.open()
            return Response(status: .ok, body: isBodyUnread ? [] : body)
        } _: { server in
            try await server.connect { connection in
                let idle = try RawConnection(port: server.port)
                try idle.send(Self.get)
                _ = try idle.receiveResponse()
                if isBodyUnread {
                    try connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nha")
                    _ = try connection.receiveResponse()
                } else {
                    try connection.send(Self.get)
                    sent.wait()
                }
                server.server.shutDown()
                #expect(try idle.receive().isEmpty)
                if isBodyUnread {
                    try connection.send("lf")
                } else {
                    #expect(try connection.receiveResponse().body.utf8.count == body.count)
                }
                #expect(try connection.receive().isEmpty)
            }
            #expect(!server.logs.lines.contains { $0.message == "stopped with open connections" })
        }
    }

    @Test("answers a request that had arrived when it began to drain")
    func drainWithArrived() async throws {
        let blocked = Gate()
        let release = Gate()
        try await TestServer.run {
            $0.loops = 1
        } answer: { request in
            if request.path == "/block" {
                blocked.open()
                hold(release)
            }
            return .text(request.path)
        } _: { server in
            try await server.connect { other in
                try other.send(Self.get)
                _ = try other.receiveResponse()
                let blocking = try RawConnection(port: server.port)
                try blocking.send("GET /block HTTP/1.1\r\nHost: x\r\n\r\n")
                blocked.wait()
                server.server.shutDown()
                try other.send("GET /arrived HTTP/1.1\r\nHost: x\r\n\r\n")
                let new = try RawConnection(port: server.port)
                try new.send("GET /new HTTP/1.1\r\nHost: x\r\n\r\n")
                release.open()
                for (connection, path) in [(blocking, "/block"), (other, "/arrived"), (new, "/new")] {
                    let response = try connection.receiveResponse()
                    #expect(response.body == path)
                }
            }
        }
    }

    @Test("resets no client that sends its next request while it drains")
    func drainDoesNotReset() async throws {
        let started = Gate()
        let release = Gate()
        try await TestServer.answering { _ in
            started.open()
            await release.opened()
            return .text("last")
        } during: { server in
            try await server.connect { connection in
                try connection.send(Self.get)
                started.wait()
                server.server.shutDown()
                // Both loops have heard of it when nobody can connect any more.
                while (try? RawConnection(port: server.port)) != nil {}
                release.open()
                // Until the end has come, and without having read: a reset would take the response away.
                #expect(connection.isClosed(within: 10_000))
                try connection.send(Self.get)
                #expect(!connection.isReset(within: 200))
                #expect(try connection.receiveToEnd().hasSuffix("last"))
            }
        }
    }

    @Test("cuts off what still runs at the deadline, cancels it, and says so")
    func drainDeadline() async throws {
        let started = Gate()
        let cancelled = Gate()
        try await TestServer.run {
            $0.timeouts.drain = .milliseconds(100)
        } answer: { _ in
            started.open()
            await untilCancelled()
            cancelled.open()
            return .text("never")
        } _: { server in
            try await server.connect { connection in
                try connection.send(Self.get)
                started.wait()
                server.server.shutDown()
                #expect(try connection.receiveToEnd() == "")
            }
            await cancelled.opened()
            #expect(server.logs.lines.contains { $0.level == .warning && $0.metadata["connections-cut"] == "1" })
        }
    }

    @Test("tells the response of a handler that was cut off that it was not sent")
    func cutOffResponse() async throws {
        let started = Gate()
        let ended = Gate()
        try await TestServer.run {
            $0.timeouts.drain = .milliseconds(100)
        } answer: { _ in
            started.open()
            await untilCancelled()
            var response = Response.text("never")
            response.whenSent { outcome in if !outcome.isDelivered { ended.open() } }
            return response
        } _: { server in
            try await server.connect { connection in
                try connection.send(Self.get)
                started.wait()
                server.server.shutDown()
                _ = try connection.receiveToEnd()
            }
            await ended.opened()
        }
    }

    @Test("may be shut down by a handler, or by the callback of a response", arguments: [true, false])
    func shutDownFromWithin(isCallback: Bool) async throws {
        let reference = Mutex<HTTPServer?>(nil)
        try await TestServer.answering { _ in
            var response = Response.text("last")
            if isCallback {
                response.whenSent { _ in reference.withLock { $0 }?.shutDown() }
            } else {
                reference.withLock { $0 }?.shutDown()
            }
            return response
        } during: { server in
            reference.withLock { $0 = server.server }
            try await server.connect { connection in
                try connection.send(Self.get)
                #expect(try connection.receiveToEnd().hasSuffix("last"))
            }
        }
        reference.withLock { $0 = nil }
    }
}
