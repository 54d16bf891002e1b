import HTTPTypes
import Logging
import Synchronization
import TestSupport
import Testing

@testable import EventServer

@Suite("The server", .timeLimit(.minutes(1)))
struct HTTPServerTests {
    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    private struct Answer: Responder {
        func respond(to request: Request) async -> Response { .text("ok") }
    }

    private func makeServer(port: Int = 0, host: String = "127.0.0.1", listen: [ListenAddress] = []) -> HTTPServer {
        var configuration = ServerConfiguration()
        configuration.host = host
        configuration.port = port
        configuration.listen = listen
        configuration.loops = 2
        return HTTPServer(configuration: configuration, responder: Answer(), logger: LogRecorder().makeLogger())
    }

    private static func code(_ body: () async throws -> Void) async -> ServerError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? ServerError)?.code
        }
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
        let server = makeServer()
        let address = try server.bind()
        let running = Task { try await server.run() }
        try await onThread {
            let connection = try RawConnection(port: address.port)
            try connection.send(Self.get)
            _ = try connection.receiveResponse()
        }
        let start = ContinuousClock.now
        server.shutDown()
        server.shutDown()
        try await running.value
        #expect(ContinuousClock.now - start < .seconds(5))
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

    @Test("runs once")
    func runsOnce() async throws {
        let server = makeServer()
        let address = try server.bind()
        #expect(await Self.code { try server.bind() } == .alreadyUsed)
        let running = Task { try await server.run() }
        try await onThread {
            let connection = try RawConnection(port: address.port)
            try connection.send(Self.get)
            _ = try connection.receiveResponse()
        }
        #expect(await Self.code { try await server.run() } == .alreadyUsed)
        server.shutDown()
        try await running.value
        #expect(await Self.code { try await server.run() } == .alreadyUsed)
    }

    @Test("is run by one of those who run it at once, and the others are told")
    func runsOnceAtATime() async throws {
        for _ in 0..<30 {
            let server = makeServer()
            let address = try server.bind()
            let codes = AsyncStream.makeStream(of: ServerError.Code?.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask { codes.continuation.yield(await Self.code { try await server.run() }) }
                }
                var iterator = codes.stream.makeAsyncIterator()
                for _ in 0..<3 { #expect(await iterator.next() == .alreadyUsed) }
                try await onThread {
                    let connection = try RawConnection(port: address.port)
                    try connection.send(Self.get)
                    #expect(try connection.receiveResponse().status == 200)
                }
                server.shutDown()
                #expect(await iterator.next() == .some(nil))
            }
        }
    }

    @Test("is not stopped by the cancellation of somebody who runs it, too")
    func cancelledSecondRun() async throws {
        try await TestServer.run { server in
            _ = try await server.exchange(Self.get)
            let second = Task {
                await untilCancelled()
                return await Self.code { try await server.server.run() }
            }
            second.cancel()
            #expect(await second.value == .alreadyUsed)
            #expect(try await server.exchange(Self.get).status == 200)
        }
    }

    @Test("leaves its port free when run returns")
    func portIsFree() async throws {
        var port = 0
        for _ in 0..<20 {
            let server = makeServer(port: port)
            port = try server.bind().port
            let running = Task { try await server.run() }
            let bound = port
            try await onThread {
                let connection = try RawConnection(port: bound)
                try connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                _ = try connection.receiveToEnd()
            }
            server.shutDown()
            try await running.value
        }
    }

    @Test("that was shut down before it ran returns from run at once, and only once")
    func shutDownFirst() async throws {
        let server = makeServer()
        server.shutDown()
        try await server.run()
        #expect(await Self.code { try await server.run() } == .alreadyUsed)
        let bound = makeServer()
        try bound.bind()
        bound.shutDown()
        try await bound.run()
    }

    @Test("stops when the task that runs it is cancelled, before or while it serves", arguments: [true, false])
    func cancellation(isBefore: Bool) async throws {
        // A socket of its own: a port that is given back may be another test's in a moment.
        let folder = try TemporaryFolder()
        let path = folder.path + "/socket"
        let server = makeServer(listen: [.unix(path: path)])
        try server.bind()
        let start = Gate()
        let running = Task {
            if isBefore { await start.opened() }
            try await server.run()
        }
        if !isBefore {
            try await onThread {
                let connection = try RawConnection(path: path)
                try connection.send(Self.get)
                _ = try connection.receiveResponse()
            }
        }
        running.cancel()
        start.open()
        try await running.value
        #expect(throws: RawConnection.Failure.self) { try RawConnection(path: path) }
    }

    @Test("says which port is taken, and what to do")
    func portTaken() async throws {
        try await TestServer.run { server in
            let other = makeServer(port: server.port)
            do throws(ServerError) {
                try other.bind()
                Issue.record("two servers listen on one port")
            } catch {
                #expect(error.code == .cannotListen)
                #expect(error.description.contains("port \(server.port)"))
                #expect(error.description.contains("--port"))
            }
        }
    }

    @Test("says that an address cannot be listened on", arguments: ["203.0.113.1", "no.such.host.invalid", ""])
    func badHost(host: String) async {
        let code = await Self.code { try makeServer(host: host).bind() }
        #expect(host.isEmpty || code == .cannotListen || code == .cannotResolve)
    }

    @Test("says that a port is none", arguments: [-1, 65_536, 1_000_000])
    func badPort(port: Int) async {
        #expect(await Self.code { try makeServer(port: port).bind() } == .cannotListen)
    }

    @Test("serves many connections with many requests each")
    func load() async throws {
        try await TestServer.answering { request in
            if request.path.hasSuffix("7") { await Task.yield() }
            let size = (try? await request.body.collect().count) ?? -1
            return .text("\(request.path) \(size)")
        } during: { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<64 {
                    group.addTask {
                        try await server.connect { connection in
                            for number in 0..<100 {
                                let body = String(repeating: "b", count: number * client % 1000)
                                let path = "/\(client)/\(number)"
                                let fields = "Host: x\r\nContent-Length: \(body.utf8.count)\r\n"
                                try connection.send("POST \(path) HTTP/1.1\r\n\(fields)\r\n\(body)")
                                #expect(try connection.receiveResponse().body == "\(path) \(body.utf8.count)")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
