import HTTPTypes
import Synchronization
import TestSupport
import Testing

@testable import EventServer

@Suite("A connection with a slow or rude client", .timeLimit(.minutes(1)))
struct ConnectionWritingTests {
    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let large = [UInt8](repeating: 0x61, count: 8_000_000)

    @Test("sends a large response to a client that takes little at a time")
    func slowReader() async throws {
        try await TestServer.answering { _ in
            Response(status: .ok, body: Self.large)
        } during: { server in
            try await onThread {
                let connection = try RawConnection(port: server.port, receiveBuffer: 4096)
                try connection.send(Self.get + Self.get)
                for _ in 0..<2 { #expect(try connection.receiveResponse().body.utf8.count == Self.large.count) }
            }
        }
    }

    @Test("serves others while one takes nothing")
    func stalledReader() async throws {
        try await TestServer.run {
            $0.loops = 1
        } answer: { request in
            request.path == "/" ? Response(status: .ok, body: Self.large) : .text("small")
        } _: { server in
            try await server.connect { stalled in
                try stalled.send(Self.get)
                let other = try RawConnection(port: server.port)
                for _ in 0..<10 {
                    try other.send("GET /small HTTP/1.1\r\nHost: x\r\n\r\n")
                    #expect(try other.receiveResponse().body == "small")
                }
            }
        }
    }

    /// A flood that the kernel's own buffers could not hold, and what the server says first.
    struct Flood: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let first: String
        let again: String
    }

    static let floods = [
        Flood(testDescription: "of requests whose answers nobody reads", first: "", again: get),
        Flood(
            testDescription: "behind the last request",
            first: "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            again: "a"
        ),
        Flood(testDescription: "behind a malformed request", first: get + "BAD\r\n\r\n", again: "a"),
    ]

    @Test("takes in no more than a bound", arguments: floods)
    func flood(flood: Flood) async throws {
        try await TestServer.answering { _ in
            Response(status: .ok, body: Self.large)
        } during: { server in
            try await server.connect { connection in
                try connection.send(flood.first)
                let bytes = Array(String(repeating: flood.again, count: 65_536 / flood.again.utf8.count).utf8)
                #expect(connection.flood(bytes, limit: 64_000_000, patience: 500) < 32_000_000)
            }
        }
    }

    @Test("takes in no more than a bound of the requests behind one that runs, and begins none of them")
    func floodBehindRunning() async throws {
        let (release, others) = (Gate(), Gate())
        try await TestServer.answering { request in
            guard request.path == "/first" else {
                others.open()
                return .text("x")
            }
            await release.opened()
            return .text("first")
        } during: { server in
            try await server.connect { connection in
                try connection.send("GET /first HTTP/1.1\r\nHost: x\r\n\r\n")
                let bytes = Array(String(repeating: Self.get, count: 65_536 / Self.get.utf8.count).utf8)
                #expect(connection.flood(bytes, limit: 64_000_000, patience: 500) < 32_000_000)
                #expect(!others.isOpen)
                release.open()
                #expect(try connection.receiveResponse().body == "first")
                #expect(try connection.receiveResponse().body == "x")
            }
        }
    }

    @Test("takes in no more than a bound while a handler works on a malformed body")
    func floodBehindMalformedBody() async throws {
        let gate = Gate()
        try await TestServer.answering { request in
            // The body is malformed, and the handler knows, before it answers.
            await #expect(throws: RequestBodyError.self) { try await request.body.collect() }
            await gate.opened()
            return .text("x")
        } during: { server in
            try await server.connect { connection in
                try connection.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n")
                let taken = connection.flood([UInt8](repeating: 0x61, count: 65_536), limit: 64_000_000, patience: 500)
                #expect(taken < 32_000_000)
                gate.open()
                #expect(try connection.receiveResponse().headers["connection"] == "close")
            }
        }
    }

    /// A request that is refused before all of it has come.
    struct Refused: Sendable, CustomTestStringConvertible {
        let status: Int
        let head: String
        var testDescription: String { "\(status)" }
    }

    static let refused = [
        Refused(status: 413, head: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n"),
        Refused(status: 413, head: "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n"),
        Refused(status: 414, head: "GET /\(String(repeating: "a", count: 9000))"),
        Refused(status: 431, head: "GET / HTTP/1.1\r\nA: \(String(repeating: "a", count: 70_000))"),
        Refused(status: 431, head: "GET / HTTP/1.1\r\n\(String(repeating: "A: b\r\n", count: 101))\r\n"),
        Refused(status: 400, head: "GET / HTTP/1.1\n"),
    ]

    @Test("gets its refusal to a client that goes on sending", arguments: refused)
    func refusalArrives(refused: Refused) async throws {
        try await TestServer.run {
            $0.bodyLimit = 500_000
        } answer: { request in
            do { return try await Response(status: .ok, body: request.body.collect()) } catch {
                return .text("\(error)", status: .contentTooLarge)
            }
        } _: { server in
            try await server.connect { connection in
                try connection.send(refused.head)
                try connection.send([UInt8](repeating: 0x61, count: 900_000))
                let text = try connection.receiveToEnd()
                #expect(text.hasPrefix("HTTP/1.1 \(refused.status) "))
                #expect(!text.dropFirst().contains("HTTP/1.1 "))
            }
        }
    }

    private enum Local {
        @TaskLocal static var mark: String?
    }

    /// Stands for code that keeps the loop: what a client reads meanwhile, the loop has not heard of afterwards.
    private static func block(until gate: Gate) { gate.wait() }

    @Test("tells of a response's end outside of the request behind it", arguments: ["/reads", "/writes"])
    func endIsToldOutside(path: String) async throws {
        let fill = [UInt8](repeating: 0x61, count: 60_000)
        let turns = (0..<200).map { _ in Gate() }
        let (isFull, release) = (Gate(), Gate())
        let marks = Mutex<[String?]>([])
        /// Blocks where the response before is not sent, and could be now.
        let meetUnsent: @Sendable (Request) async -> Void = { request in
            let number = Int(request.queryString ?? "") ?? 0
            await Task.yield()
            if marks.withLock({ $0.count == number }) { isFull.open() }
            turns[number].open()
            if isFull.isOpen { Self.block(until: release) }
        }
        try await TestServer.run {
            $0.loops = 1
        } answer: { request in
            switch request.path {
            case "/reads":
                await meetUnsent(request)
                return await Local.$mark.withValue("inside") {
                    let body = try? await request.body.collect()
                    return .text("\(body?.count ?? 0)")
                }
            case "/writes":
                let body = ResponseBody.stream(length: 1) { writer in
                    await meetUnsent(request)
                    try await Local.$mark.withValue("inside") { try await writer.write("1") }
                }
                return Response(status: .ok, body: body)
            default:
                var response = Response(status: .ok, body: fill)
                response.whenSent { _ in marks.withLock { $0.append(Local.mark) } }
                return response
            }
        } _: { server in
            try await onThread {
                let client = try RawConnection(port: server.port, receiveBuffer: 4096)
                let expectation = path == "/reads" ? "Expect: 100-continue\r\nContent-Length: 1\r\n" : ""
                var number = 0
                while number < turns.count {
                    try client.send("GET /fill HTTP/1.1\r\nHost: x\r\n\r\n")
                    try client.send("POST \(path)?\(number) HTTP/1.1\r\nHost: x\r\n\(expectation)\r\n")
                    turns[number].wait()
                    if isFull.isOpen { break }
                    if path == "/reads" { try client.send("1") }
                    number += 1
                }
                #expect(isFull.isOpen)
                /// The size of what is answered next, but for `100 Continue`.
                func receive() throws -> Int {
                    let response = try client.receiveResponse()
                    return response.status == 100 ? try receive() : response.body.utf8.count
                }
                for _ in 0..<number { #expect(try [receive(), receive()] == [fill.count, 1]) }
                release.open()
                #expect(try receive() == fill.count)
                if path == "/reads" { try client.send("1") }
                #expect(try receive() == 1)
                #expect(marks.withLock { $0 } == Array(repeating: nil, count: number + 1))
            }
        }
    }

    @Test("tells of the end of a client that has left outside of the producer that finds it out")
    func departureIsToldOutside() async throws {
        let (begun, left) = (Gate(), Gate())
        let ends = AsyncStream.makeStream(of: String.self)
        try await TestServer.run {
            $0.loops = 1
        } answer: { _ in
            let body = ResponseBody.stream { writer in
                await Task.yield()
                begun.open()
                Self.block(until: left)
                await Local.$mark.withValue("inside") {
                    await #expect(throws: ResponseWriterError.clientLeft) {
                        while true { try await writer.write("x") }
                    }
                }
            }
            var response = Response(status: .ok, body: body)
            response.whenSent { ends.continuation.yield("\($0.ending) \(Local.mark ?? "outside")") }
            return response
        } _: { server in
            try await server.connect { client in
                try client.send(Self.get)
                begun.wait()
                client.reset()
                left.open()
            }
            var iterator = ends.stream.makeAsyncIterator()
            #expect(await iterator.next() == "clientLeft outside")
        }
    }
}
