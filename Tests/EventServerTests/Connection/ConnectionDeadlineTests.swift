import HTTPTypes
import TestSupport
import Testing

@testable import EventServer

@Suite("A connection's deadline", .timeLimit(.minutes(1)))
struct ConnectionDeadlineTests {
    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test("ends a header section that dribbles in, with 408")
    func header() async throws {
        try await TestServer.run {
            $0.timeouts.header = .milliseconds(100)
        } _: { server in
            try await server.connect { connection in
                try connection.send(Self.get + "GET / HTTP/1.1\r\n")
                // As long as each byte comes in time, but all of them do not.
                for _ in 0..<4000 where !connection.isClosed(within: 10) { try? connection.send("a") }
                #expect(connection.isClosed(within: 0))
                #expect(try connection.receiveResponse().status == 200)
                let response = try connection.receiveResponse()
                #expect(response.status == 408)
                #expect(response.body.hasPrefix("H1-HEADER-TIMEOUT"))
                #expect(try connection.receive().isEmpty)
            }
        }
    }

    @Test("closes an idle connection without a word", arguments: ["", get, "\r\n"])
    func idle(text: String) async throws {
        try await TestServer.run {
            $0.timeouts.idle = .milliseconds(100)
        } _: { server in
            try await server.connect { connection in
                try connection.send(text)
                if text == Self.get { _ = try connection.receiveResponse() }
                #expect(try connection.receive().isEmpty)
            }
        }
    }

    @Test("leaves a client its idle time, however long those work who are told of a response's end")
    func idleBehindEnds() async throws {
        try await TestServer.run {
            $0.timeouts.idle = .seconds(1)
            $0.timeouts.header = .milliseconds(100)
        } answer: { _ in
            var response = Response.text("ok")
            response.whenSent { _ in
                let end = EventLoop.now + .milliseconds(1100)
                while EventLoop.now < end {}
            }
            return response
        } _: { server in
            try await server.connect { connection in
                try connection.send(Self.get)
                #expect(try connection.receiveResponse().status == 200)
                #expect(!connection.isClosed(within: 1400))
            }
        }
    }

    @Test("ends a body that stalls: its reader gets an error, and the connection closes")
    func body() async throws {
        try await TestServer.run {
            $0.timeouts.body = .milliseconds(100)
        } answer: { request in
            do throws(RequestBodyError) {
                _ = try await request.body.collect()
                return .text("whole")
            } catch {
                return .text("\(error.code)", status: error.code == .timedOut ? .requestTimeout : .badRequest)
            }
        } _: { server in
            try await server.connect { connection in
                try connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
                let text = try connection.receiveToEnd()
                #expect(text.hasPrefix("HTTP/1.1 408 "))
                #expect(text.contains("connection: close"))
            }
        }
    }

    @Test("closes where the rest of an unread body stalls")
    func unreadBody() async throws {
        try await TestServer.run {
            $0.timeouts.body = .milliseconds(100)
        } _: { server in
            try await server.connect { connection in
                try connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
                #expect(try connection.receiveResponse().status == 200)
                #expect(try connection.receive().isEmpty)
            }
        }
    }

    @Test("does not hurry a handler")
    func handler() async throws {
        let gate = Gate()
        try await TestServer.run {
            $0.timeouts.header = .milliseconds(40)
            $0.timeouts.idle = .milliseconds(40)
            $0.timeouts.body = .milliseconds(40)
            $0.timeouts.write = .milliseconds(40)
        } answer: { _ in
            await gate.opened()
            return .text("late")
        } _: { server in
            try await server.connect { connection in
                try connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhiGET /half")
                #expect(!connection.isClosed(within: 300))
                gate.open()
                #expect(try connection.receiveResponse().body == "late")
            }
        }
    }

    @Test("closes where a response is not taken, even if the client goes on sending")
    func write() async throws {
        let large = [UInt8](repeating: 0x61, count: 16_000_000)
        let ended = Gate()
        try await TestServer.run {
            $0.timeouts.write = .milliseconds(500)
        } answer: { _ in
            var response = Response(status: .ok, body: large)
            response.whenSent { outcome in if !outcome.isDelivered { ended.open() } }
            return response
        } _: { server in
            try await server.connect { connection in
                try connection.send(Self.get)
                var isClosed = false
                for _ in 0..<4000 where !isClosed {
                    try? connection.send("a")
                    isClosed = connection.isClosed(within: 10)
                }
                #expect(isClosed)
            }
            await ended.opened()
        }
    }

    @Test("lets a slow honest upload live, however long it takes")
    func slowUpload() async throws {
        try await TestServer.run {
            $0.timeouts.body = .seconds(1)
        } answer: { request in
            .text("\((try? await request.body.collect().count) ?? -1)")
        } _: { server in
            try await server.connect { connection in
                try connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n")
                for _ in 0..<4 {
                    // Each pause is shorter than the timeout, all of them are longer.
                    #expect(!connection.isClosed(within: 650))
                    try connection.send([UInt8](repeating: 0x62, count: 1000))
                }
                #expect(try connection.receiveResponse().body == "4000")
            }
        }
    }

    @Test("ends a body that comes below the minimum rate, though each byte comes in time")
    func dribblingBody() async throws {
        try await TestServer.run {
            $0.timeouts.body = .milliseconds(200)
            $0.minimumRate = 10_000
        } answer: { request in
            do throws(RequestBodyError) {
                return .text("\(try await request.body.collect().count)")
            } catch {
                return .text("\(error.code)", status: .requestTimeout)
            }
        } _: { server in
            try await server.connect { connection in
                try connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
                for _ in 0..<4000 where !connection.isClosed(within: 10) { try? connection.send("b") }
                let response = try connection.receiveResponse()
                #expect(response.status == 408)
                #expect(response.body == "timedOut")
            }
        }
    }

    @Test("closes where a response is taken below the minimum rate, though some is taken in time")
    func dribblingReader() async throws {
        let isCutOff = Gate()
        try await TestServer.run {
            $0.timeouts.write = .milliseconds(200)
            $0.minimumRate = 1_000_000_000
        } answer: { _ in
            var response = Response(status: .ok, body: [UInt8](repeating: 0x61, count: 64_000_000))
            response.whenSent { if $0.ending == .clientLeft { isCutOff.open() } }
            return response
        } _: { server in
            try await onThread {
                let connection = try RawConnection(port: server.port, receiveBuffer: 4096)
                try connection.send(Self.get)
                for _ in 0..<4000 where !isCutOff.isOpen && !connection.isClosed(within: 10) {
                    _ = try connection.receive()
                }
                isCutOff.wait()
            }
        }
    }

    @Test("ends a handler that takes too long with 504, cancels it, and goes on with the next request")
    func slowHandler() async throws {
        let (gate, isCancelled) = (Gate(), Gate())
        let outcomes = AsyncStream.makeStream(of: ResponseOutcome.self)
        try await TestServer.run {
            $0.timeouts.handler = .milliseconds(100)
        } answer: { request in
            guard request.path == "/slow" else { return .text("next") }
            await withTaskCancellationHandler {
                await gate.opened()
            } onCancel: {
                isCancelled.open()
            }
            var response = Response.text("late")
            response.whenSent { outcomes.continuation.yield($0) }
            return response
        } _: { server in
            try await server.connect { connection in
                for body in ["", "b"] {
                    let length = "Content-Length: \(body.utf8.count)\r\n"
                    try connection.send("POST /slow HTTP/1.1\r\nHost: x\r\n\(length)\r\n\(body)" + Self.get)
                    #expect(try connection.receiveResponse().status == 504)
                    #expect(try connection.receiveResponse().body == "next")
                }
                isCancelled.wait()
                gate.open()
                try connection.send(Self.get)
                #expect(try connection.receiveResponse().body == "next")
            }
            var iterator = outcomes.stream.makeAsyncIterator()
            for _ in 0..<2 {
                let outcome = await iterator.next()
                #expect(outcome?.ending == .timedOut)
                #expect(outcome?.status == .gatewayTimeout)
                // What the client got, and not what it was to get.
                #expect(outcome?.bodySize == "504 Gateway Timeout\n".utf8.count)
            }
            let lines = server.logs.lines.filter { $0.message == "a handler took too long" }
            #expect(lines.map { $0.metadata["path"] } == ["/slow", "/slow"])
        }
    }

    @Test(
        "is looked at as often as the shortest timeout demands",
        arguments: [\ServerConfiguration.Timeouts.header, \.handler, \.write]
    )
    func tickPeriod(timeout: any WritableKeyPath<ServerConfiguration.Timeouts, Duration> & Sendable) {
        var timeouts = ServerConfiguration.Timeouts()
        #expect(timeouts.tickPeriod == .seconds(1))
        timeouts[keyPath: timeout] = .milliseconds(100)
        #expect(timeouts.tickPeriod == .milliseconds(25))
    }
}
