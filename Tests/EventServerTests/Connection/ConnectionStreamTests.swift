import Foundation
import HTTPTypes
import Logging
import Synchronization
import TestSupport
import Testing

@testable import EventServer

@Suite("A connection that streams a response", .timeLimit(.minutes(1)))
struct ConnectionStreamTests {
    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let last = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    private static func stream(
        length: Int? = nil,
        _ producer: @escaping ResponseBody.Producer
    ) -> @Sendable (Request) async -> Response {
        { _ in Response(status: .ok, body: .stream(length: length, producer)) }
    }

    @Test("sends it in chunks, and serves the next request behind it")
    func chunks() async throws {
        let answer = Self.stream { writer in
            try await writer.write("hello")
            try await writer.write([])
            try await writer.write(", this is a longer piece")
        }
        try await TestServer.answering(answer) { server in
            try await server.connect { connection in
                try connection.send(Self.get + Self.last)
                let text = try connection.receiveToEnd()
                let bodies = text.components(separatedBy: "\r\n\r\n").dropFirst()
                #expect(bodies.first?.hasPrefix("5\r\nhello\r\n18\r\n, this is a longer piece\r\n0") == true)
                #expect(bodies.count == 4)
                #expect(text.hasSuffix("5\r\nhello\r\n18\r\n, this is a longer piece\r\n0\r\n\r\n"))
            }
        }
    }

    @Test("sends each piece at once, and the head before the first")
    func atOnce() async throws {
        let (first, second) = (Gate(), Gate())
        let answer = Self.stream { writer in
            await first.opened()
            try await writer.write("1")
            await second.opened()
        }
        try await TestServer.answering(answer) { server in
            try await server.connect { connection in
                try connection.send(Self.get)
                #expect(try connection.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
                first.open()
                #expect(try connection.receive(until: "1\r\n1\r\n") == "1\r\n1\r\n")
                second.open()
                #expect(try connection.receive(until: "0\r\n\r\n") == "0\r\n\r\n")
            }
        }
    }

    @Test("sends trailers behind the last chunk")
    func trailers() async throws {
        let answer = Self.stream { writer in
            try await writer.write("x")
            writer.finish(trailers: [.init("Digest") ?? .server: "abc"])
        }
        try await TestServer.answering(answer) { server in
            try await server.connect { connection in
                try connection.send(Self.last)
                #expect(try connection.receiveToEnd().hasSuffix("\r\n\r\n1\r\nx\r\n0\r\nDigest: abc\r\n\r\n"))
            }
        }
    }

    @Test(
        "breaks off where the trailers would change what the message means",
        arguments: [
            [.contentLength: "1"], [.server: "a", .eTag: "b\r\nSet-Cookie: a=b"], [.server: "\0"],
            ResponseFields([HTTPField(name: .server, lenientValue: [0x61, 0x01])]),
        ] as [ResponseFields]
    )
    func forbiddenTrailers(trailers: ResponseFields) async throws {
        let answer = Self.stream { writer in
            try await writer.write("x")
            writer.finish(trailers: trailers)
        }
        try await TestServer.answering(answer) { server in
            try await server.connect { connection in
                try connection.send(Self.get)
                let text = try connection.receiveToEnd()
                #expect(text.hasSuffix("1\r\nx\r\n"))
            }
            #expect(server.logs.lines.contains { $0.message == "response refused" && $0.level == .error })
        }
    }

    @Test("closes in order to end it for an old client, and sends it no chunks")
    func oldClient() async throws {
        let answer = Self.stream { writer in
            try await writer.write("ab")
            try await writer.write("cd")
        }
        try await TestServer.answering(answer) { server in
            try await server.connect { connection in
                try connection.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                let text = try connection.receiveToEnd()
                #expect(text.hasSuffix("\r\nconnection: close\r\n\r\nabcd"))
                #expect(!text.contains("chunked"))
            }
        }
    }

    @Test("resets the connection of an old client that would take what broke off for complete")
    func oldClientBroken() async throws {
        let answer = Self.stream { writer in
            try await writer.write("ab")
            throw Broken()
        }
        try await TestServer.answering(answer) { server in
            try await server.connect { connection in
                try connection.send("GET / HTTP/1.0\r\n\r\n")
                #expect(throws: RawConnection.Failure.self) { try connection.receiveToEnd() }
            }
        }
    }

    @Test("does not run the producer in answer to HEAD")
    func head() async throws {
        let answer = Self.stream { _ in Issue.record("a producer has run for HEAD") }
        try await TestServer.answering(answer) { server in
            try await server.connect { connection in
                try connection.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                let text = try connection.receiveToEnd()
                #expect(text.contains("\r\ntransfer-encoding: chunked\r\n"))
                #expect(text.hasSuffix("\r\n\r\n"))
            }
        }
    }

    @Test("holds back a producer that is faster than the client")
    func backpressure() async throws {
        let written = Mutex(0)
        let answer = Self.stream { writer in
            let piece = [UInt8](repeating: 0x61, count: 65_536)
            for _ in 0..<1000 {
                try await writer.write(piece)
                written.withLock { $0 += piece.count }
            }
        }
        try await TestServer.answering(answer) { server in
            try await onThread {
                let connection = try RawConnection(port: server.port, receiveBuffer: 4096)
                try connection.send(Self.last)
                _ = try connection.receive()
                // The system's buffers take some millions, and no more, whatever the producer would like.
                #expect(!connection.isClosed(within: 300))
                #expect(written.withLock { $0 } < 32_000_000)
                var count = 0
                while case let bytes = try connection.receive(), !bytes.isEmpty { count += bytes.count }
                #expect(count > 65_536_000)
                #expect(written.withLock { $0 } == 65_536_000)
            }
        }
    }

    @Test("sends what several tasks write, each piece whole")
    func manyWriters() async throws {
        let answer = Self.stream { writer in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for letter in UInt8(ascii: "a")...UInt8(ascii: "h") {
                    group.addTask {
                        for _ in 0..<50 { try await writer.write([UInt8](repeating: letter, count: 1000)) }
                    }
                }
                try await group.waitForAll()
            }
        }
        try await TestServer.answering(answer) { server in
            try await server.connect { connection in
                try connection.send(Self.last)
                let text = try connection.receiveToEnd()
                let body = text.components(separatedBy: "\r\n\r\n").dropFirst().joined()
                let pieces = body.components(separatedBy: "3e8\r\n").dropFirst()
                #expect(pieces.count == 400)
                #expect(pieces.allSatisfy { Set($0.prefix(1000)).count == 1 && $0.dropFirst(1000).hasPrefix("\r\n") })
            }
        }
    }

    @Test("reads the body of its request while it answers")
    func echo() async throws {
        try await TestServer.answering { request in
            Response(
                status: .ok,
                body: .stream { writer in for try await chunk in request.body { try await writer.write(chunk) } }
            )
        } during: { server in
            try await server.connect { connection in
                try connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
                _ = try connection.receive(until: "2\r\nab\r\n")
                try connection.send("cd" + Self.last)
                #expect(try connection.receive(until: "0\r\n\r\n") == "2\r\ncd\r\n0\r\n\r\n")
                _ = try connection.receive(until: "\r\n\r\n0\r\n\r\n")
            }
        }
    }

    /// A producer that does not keep to what its response has said.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let length: Int?
        let producer: ResponseBody.Producer
    }

    private struct Broken: Error {}

    static let faults = [
        Fault(testDescription: "writes less than it has promised", length: 5) { try await $0.write("abc") },
        Fault(testDescription: "throws", length: nil) {
            try await $0.write("abc")
            throw Broken()
        },
        Fault(testDescription: "writes more than it has promised", length: 4) {
            try await $0.write("abc")
            try await $0.write("de")
        },
    ]

    @Test("breaks off, so that the client sees it, when its producer", arguments: faults)
    func breaks(fault: Fault) async throws {
        let outcomes = AsyncStream.makeStream(of: ResponseOutcome.self)
        try await TestServer.answering { _ in
            var response = Response(status: .ok, body: .stream(length: fault.length, fault.producer))
            response.whenSent { outcomes.continuation.yield($0) }
            return response
        } during: { server in
            try await server.connect { connection in
                try connection.send(Self.get + Self.get)
                let text = try connection.receiveToEnd()
                #expect(text.contains("abc"))
                #expect(!text.contains("0\r\n\r\n"))
                #expect(text.components(separatedBy: "HTTP/1.1 ").count == 2)
            }
            var iterator = outcomes.stream.makeAsyncIterator()
            #expect(await iterator.next()?.ending == .broken)
            #expect(server.logs.lines.contains { $0.message == "response refused" && $0.level == .error })
        }
    }

    @Test("lets nobody write after its end")
    func afterEnd() async throws {
        let (writers, found) = AsyncStream.makeStream(of: ResponseWriter.self)
        let answer = Self.stream { found.yield($0) }
        try await TestServer.answering(answer) { server in
            _ = try await server.connect { connection in
                try connection.send(Self.last)
                return try connection.receiveToEnd()
            }
            var iterator = writers.makeAsyncIterator()
            let writer = try #require(await iterator.next())
            await #expect(throws: ResponseWriterError.finished) { try await writer.write("x") }
        }
    }

    @Test("tells its producer when the client has left", arguments: [true, false])
    func departure(isWaiting: Bool) async throws {
        let (isStarted, isOver) = (Gate(), Gate())
        let outcomes = AsyncStream.makeStream(of: ResponseOutcome.self)
        try await TestServer.answering { _ in
            let body = ResponseBody.stream { writer in
                defer { isOver.open() }
                isStarted.open()
                // Either it is held back, or it waits for something else and hears of it by its task.
                guard !isWaiting else { return await untilCancelled() }
                while true { try await writer.write([UInt8](repeating: 0x61, count: 65_536)) }
            }
            var response = Response(status: .ok, body: body)
            response.whenSent { outcomes.continuation.yield($0) }
            return response
        } during: { server in
            try await server.connect { connection in
                try connection.send(Self.get)
                isStarted.wait()
                connection.reset()
            }
            await isOver.opened()
            var iterator = outcomes.stream.makeAsyncIterator()
            let outcome = await iterator.next()
            #expect(outcome?.ending == .clientLeft)
            #expect(outcome?.status.code == 499)
        }
    }

    @Test("leaves the others their turn, however fast its client is")
    func fairness() async throws {
        let otherHasRun = Gate()
        let answer = Self.stream { writer in
            // The first piece waits for the head to be sent.
            try await writer.write("x")
            try await withThrowingTaskGroup(of: Void.self) { group in
                // It runs on the same loop, when the producer lets it.
                group.addTask { otherHasRun.open() }
                // So little that the system takes all of it at once.
                for _ in 0..<1000 { try await writer.write("x") }
                #expect(otherHasRun.isOpen)
                try await group.waitForAll()
            }
        }
        try await TestServer.answering(answer) { server in
            try await server.connect { connection in
                try connection.send(Self.last)
                #expect(try connection.receiveToEnd().components(separatedBy: "1\r\nx\r\n").count == 1002)
            }
        }
    }

    @Test("closes behind it where the body of its request breaks off meanwhile", arguments: [true, false])
    func brokenBody(isMalformed: Bool) async throws {
        let gate = Gate()
        try await TestServer.run {
            $0.timeouts.body = .milliseconds(100)
        } answer: { _ in
            Response(
                status: .ok,
                body: .stream { writer in
                    await gate.opened()
                    try await writer.write("x")
                }
            )
        } _: { server in
            let code = isMalformed ? "H1-CHUNK-SIZE" : "H1-BODY-TIMEOUT"
            async let receiving = server.connect { connection in
                try connection.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                if isMalformed { try connection.send("z\r\n") }
                return try connection.receiveToEnd()
            }
            #expect(await isSoon { server.logs.lines.contains { $0.metadata["code"] == code } })
            gate.open()
            let text = try await receiving
            #expect(text.hasSuffix("\r\n\r\n1\r\nx\r\n0\r\n\r\n"))
        }
    }

    @Test("has no 100 Continue in its middle, whenever the body is asked for")
    func lateContinue() async throws {
        let hasHead = Gate()
        try await TestServer.answering { request in
            hold(theLoopUntilSomebodyReads: request.body)
            return Response(
                status: .ok,
                body: .stream { writer in
                    await hasHead.opened()
                    try await writer.write("x")
                }
            )
        } during: { server in
            try await server.connect { connection in
                try connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
                #expect(try connection.receive(until: "\r\n\r\n").statuses == [200])
                hasHead.open()
                #expect(try connection.receiveToEnd() == "1\r\nx\r\n0\r\n\r\n")
            }
        }
    }

    @Test("tells a task that still waits for room when its producer has thrown")
    func abandonedWriter() async throws {
        let isTold = Gate()
        let answer = Self.stream { writer in
            Task.immediate {
                do throws(ResponseWriterError) {
                    try await writer.write([UInt8](repeating: 0x61, count: 32_000_000))
                } catch {
                    if error.code == .clientLeft { isTold.open() }
                }
            }
            throw Broken()
        }
        try await TestServer.answering(answer) { server in
            try await server.connect { connection in
                try connection.send(Self.get)
                isTold.wait()
            }
        }
    }
}

/// Keeps the loop from everything else until another thread has asked for the body.
private func hold(theLoopUntilSomebodyReads body: RequestBody) {
    let isAsked = Gate()
    Thread {
        Task.immediate { _ = try? await body.collect() }
        isAsked.open()
    }
    .start()
    isAsked.wait()
}
