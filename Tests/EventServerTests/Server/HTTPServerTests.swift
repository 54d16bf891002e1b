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
