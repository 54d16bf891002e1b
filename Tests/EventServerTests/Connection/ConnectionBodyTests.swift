import HTTPTypes
import TestSupport
import Testing

@testable import EventServer

@Suite("A connection with bodies", .timeLimit(.minutes(1)))
struct ConnectionBodyTests {
    private static let next = "GET /next HTTP/1.1\r\nHost: x\r\n\r\n"

    /// Tells the size of the body, or why it cannot.
    private static let collect: @Sendable (Request) async -> Response = { request in
        do throws(RequestBodyError) {
            let count = try await request.body.collect().count
            return .text("\(request.path) \(count)")
        } catch {
            return .text(
                "\(request.path) \(error.code)",
                status: error.code == .tooLarge ? .contentTooLarge : .badRequest
            )
        }
    }

    private static let ignore: @Sendable (Request) async -> Response = { .text($0.path) }

    private static func post(_ size: Int, _ fields: String = "") -> String {
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(size)\r\n\(fields)\r\n"
    }

    @Test("reads a body of any size, and goes on", arguments: [1, 100, 65_536, 65_537, 1_048_576])
    func sizes(size: Int) async throws {
        try await TestServer.run(answer: Self.collect) { server in
            try await server.connect { connection in
                try connection.send(Self.post(size) + String(repeating: "b", count: size) + Self.next)
                #expect(try connection.receiveResponse().body == "/ \(size)")
                #expect(try connection.receiveResponse().body == "/next 0")
            }
        }
    }

    /// The handler answers with a checksum: not one byte may be lost, doubled or exchanged.
    @Test(
        "gives a body on byte for byte, however it is cut up, and the next request is the next one",
        arguments: [
            [1, 65_536, 3, 200_000], [16_384, 16_383, 16_385, 1], [65_536, 65_536, 65_536], [100_000, 7, 100_000],
        ]
    )
    func piecesAreWhole(pieces: [Int]) async throws {
        let size = pieces.reduce(0, +)
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) }
        @Sendable func sum(_ bytes: [UInt8]) -> Int { bytes.reduce(7) { ($0 &* 33 &+ Int($1)) & 0xFFFF_FFFF } }
        let answer: @Sendable (Request) async -> Response = { request in
            guard let body = try? await request.body.collect() else { return .text("broken") }
            return .text("\(request.path) \(body.count) \(sum(body))")
        }
        try await TestServer.run(answer: answer) { server in
            try await server.connect { connection in
                try connection.send(Self.post(size))
                var sent = 0
                for piece in pieces {
                    try connection.send(Array(bytes[sent..<(sent + piece)]))
                    sent += piece
                }
                try connection.send(Self.next)
                #expect(try connection.receiveResponse().body == "/ \(size) \(sum(bytes))")
                #expect(try connection.receiveResponse().body == "/next 0 7")
            }
        }
    }

    @Test("a client that leaves in the middle of a large body, or sends too little, is an error for its reader")
    func largeBodiesBreak() async throws {
        let (codes, code) = AsyncStream.makeStream(of: RequestBodyError.Code.self)
        let answer: @Sendable (Request) async -> Response = { request in
            do throws(RequestBodyError) { _ = try await request.body.collect() } catch { code.yield(error.code) }
            return .text("")
        }
        try await TestServer.run(answer: answer) { server in
            for size in [20_000, 70_000, 500_000] {
                try await server.connect { connection in
                    try connection.send(Self.post(1_000_000))
                    try connection.send([UInt8](repeating: 0x62, count: size))
                }
            }
            var iterator = codes.makeAsyncIterator()
            for _ in 0..<3 { #expect(await iterator.next() == .clientLeft) }
        }
    }

    @Test("reads chunks, byte by byte if need be")
    func chunks() async throws {
        try await TestServer.run(answer: Self.collect) { server in
            try await server.connect { connection in
                let head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                for byte in Array((head + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: r\r\n\r\n").utf8) {
                    try connection.send([byte])
                }
                #expect(try connection.receiveResponse().body == "/ 5")
                let many = String(repeating: "1\r\nz\r\n", count: 50_000)
                try connection.send(head + many + "0\r\n\r\n" + Self.next)
                #expect(try connection.receiveResponse().body == "/ 50000")
                #expect(try connection.receiveResponse().body == "/next 0")
            }
        }
    }

    @Test("never takes a body for the next request", arguments: ["GET", "HEAD", "DELETE", "OPTIONS", "X"])
    func bodyIsNoRequest(method: String) async throws {
        let smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
        for framing in [
            "Content-Length: \(smuggled.utf8.count)\r\n\r\n\(smuggled)",
            "Transfer-Encoding: chunked\r\n\r\n\(String(smuggled.utf8.count, radix: 16))\r\n\(smuggled)\r\n0\r\n\r\n",
        ] {
            for answer in [Self.ignore, Self.collect] {
                try await TestServer.run(answer: answer) { server in
                    try await server.connect { connection in
                        try connection.send("\(method) / HTTP/1.1\r\nHost: x\r\n\(framing)" + Self.next)
                        #expect(try connection.receiveResponse(toHead: method == "HEAD").status == 200)
                        #expect(try connection.receiveResponse().body.hasPrefix("/next"))
                    }
                }
            }
        }
    }

    @Test("says continue when the handler reads, and not before")
    func continues() async throws {
        let gate = Gate()
        try await TestServer.answering { request in
            await gate.opened()
            return await Self.collect(request)
        } during: { server in
            try await server.connect { connection in
                try connection.send(Self.post(5, "Expect: 100-continue\r\n"))
                gate.open()
                #expect(try connection.receiveResponse().status == 100)
                try connection.send("hello" + Self.next)
                #expect(try connection.receiveResponse().body == "/ 5")
                #expect(try connection.receiveResponse().body == "/next 0")
            }
        }
    }

    @Test("says nothing to a client that has not waited for it")
    func continuesUnasked() async throws {
        let gate = Gate()
        try await TestServer.answering { request in
            await gate.opened()
            return await Self.collect(request)
        } during: { server in
            try await server.connect { connection in
                try connection.send(Self.post(0, "Expect: 100-continue\r\n") + Self.next)
                gate.open()
                #expect(try connection.receiveResponse().body == "/ 0")
                #expect(try connection.receiveResponse().body == "/next 0")
            }
        }
    }

    @Test("closes where a body that was not asked for may or may not come")
    func continueRefused() async throws {
        try await TestServer.run(answer: Self.ignore) { server in
            try await server.connect { connection in
                try connection.send(Self.post(5, "Expect: 100-continue\r\n"))
                #expect(try connection.receiveResponse().headers["connection"] == "close")
                try connection.send("hello" + Self.next)
                #expect(try connection.receive().isEmpty)
            }
        }
    }

    @Test("stays usable when a small body is not read", arguments: [10, 200_000])
    func unreadSmall(size: Int) async throws {
        try await TestServer.run(answer: Self.ignore) { server in
            try await server.connect { connection in
                for _ in 0..<3 {
                    try connection.send(Self.post(size))
                    #expect(try connection.receiveResponse().headers["connection"] == nil)
                    try connection.send(String(repeating: "b", count: size))
                }
                try connection.send(Self.next)
                #expect(try connection.receiveResponse().body == "/next")
            }
        }
    }

    @Test("closes when a large body is not read, and its answer arrives")
    func unreadLarge() async throws {
        try await TestServer.run(answer: Self.ignore) { server in
            try await server.connect { connection in
                try connection.send(Self.post(1_000_000))
                try connection.send([UInt8](repeating: 0x62, count: 900_000))
                let text = try connection.receiveToEnd()
                #expect(text.hasPrefix("HTTP/1.1 200 "))
                #expect(text.contains("connection: close"))
            }
        }
    }

    @Test("drops no more of an unread body in chunks than it said")
    func unreadChunks() async throws {
        try await TestServer.run(answer: Self.ignore) { server in
            try await server.connect { connection in
                try connection.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                #expect(try connection.receiveResponse().status == 200)
                let chunk = "1000\r\n\(String(repeating: "b", count: 4096))\r\n"
                for _ in 0..<100 { try connection.send(chunk) }
                #expect(try connection.receive().isEmpty)
            }
        }
    }

    @Test("tells the handler that the client left in the middle of the body")
    func clientLeft() async throws {
        let (codes, code) = AsyncStream.makeStream(of: RequestBodyError.Code.self)
        try await TestServer.answering { request in
            do throws(RequestBodyError) { _ = try await request.body.collect() } catch { code.yield(error.code) }
            return .text("x")
        } during: { server in
            try await server.connect { connection in
                try connection.send(Self.post(10) + "half")
                connection.finishSending()
                #expect(try connection.receiveResponse().headers["connection"] == "close")
            }
            try await server.connect { connection in
                try connection.send(Self.post(10) + "half")
                connection.reset()
            }
            var iterator = codes.makeAsyncIterator()
            #expect(await iterator.next() == .clientLeft)
            #expect(await iterator.next() == .clientLeft)
        }
    }

    @Test("tells the handler that the body is malformed, and answers once")
    func malformed() async throws {
        try await TestServer.run(answer: Self.collect) { server in
            try await server.connect { connection in
                try connection.send(
                    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n" + Self.next
                )
                let text = try connection.receiveToEnd()
                #expect(text.hasPrefix("HTTP/1.1 400 "))
                #expect(text.hasSuffix("/ malformed"))
            }
        }
    }

    @Test("tells the handler that chunks add up to too much")
    func chunksTooLarge() async throws {
        try await TestServer.run {
            $0.bodyLimit = 1000
        } answer: {
            await Self.collect($0)
        } _: { server in
            try await server.connect { connection in
                let chunk = "100\r\n\(String(repeating: "b", count: 256))\r\n"
                try connection.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                try? connection.send(String(repeating: chunk, count: 1000))
                let text = try connection.receiveToEnd()
                #expect(text.hasPrefix("HTTP/1.1 413 "))
                #expect(text.hasSuffix("/ tooLarge"))
            }
        }
    }

    @Test(
        "gives a handler as much as it asks for, be it more or less than the server's limit",
        arguments: [true, false]
    )
    func limits(isChunked: Bool) async throws {
        try await TestServer.run {
            $0.bodyLimit = 100
        } answer: { request in
            do throws(RequestBodyError) {
                let body = request.body
                let limit = Int(request.queryString ?? "")
                switch (request.path, limit) {
                case ("/collect", let limit): return .text("\(try await body.collect(upTo: limit).count)")
                case (_, let limit?): return .text("\(try await Self.count(body.limited(to: limit)))")
                default: return .text("\(try await Self.count(body))")
                }
            } catch {
                return .text("\(error.code)", status: .contentTooLarge)
            }
        } _: { server in
            for path in ["/collect", "/iterate"] {
                for (limit, size, isTaken) in [
                    ("", 100, true), ("", 101, false), ("200000", 200_000, true), ("200000", 200_001, false),
                    ("10", 10, true), ("10", 11, false), ("0", 1, false),
                ] {
                    let body = String(repeating: "b", count: size)
                    let message =
                        isChunked
                        ? "Transfer-Encoding: chunked\r\n\r\n\(String(size, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
                        : "Content-Length: \(size)\r\n\r\n\(body)"
                    let line = "POST \(path)?\(limit) HTTP/1.1\r\nHost: x\r\n"
                    let response = try await server.exchange(line + message)
                    #expect(response.status == (isTaken ? 200 : 413))
                    #expect(response.body == (isTaken ? "\(size)" : "tooLarge"))
                }
            }
        }
    }

    private static func count(_ body: RequestBody) async throws(RequestBodyError) -> Int {
        var iterator = body.makeAsyncIterator()
        var count = 0
        while let chunk = try await iterator.next() { count += chunk.count }
        return count
    }

    @Test("ends the body of a request with the request, for a job that kept it")
    func requestEnded() async throws {
        let (bodies, body) = AsyncStream.makeStream(of: RequestBody.self)
        try await TestServer.answering { request in
            body.yield(request.body)
            return .text("x")
        } during: { server in
            try await server.connect { connection in
                try connection.send(Self.post(5) + "hello")
                _ = try connection.receiveResponse()
            }
            var iterator = bodies.makeAsyncIterator()
            let kept = try #require(await iterator.next())
            await #expect(throws: RequestBodyError.requestEnded) { try await kept.collect() }
        }
    }

    @Test("takes in no more than a bound of a body that nobody reads")
    func backpressure() async throws {
        let gate = Gate()
        try await TestServer.run {
            $0.bodyLimit = 1_000_000_000
        } answer: { request in
            await gate.opened()
            return await Self.collect(request)
        } _: { server in
            try await server.connect { connection in
                try connection.send(Self.post(64_000_000))
                let taken = connection.flood([UInt8](repeating: 0x62, count: 65_536), limit: 64_000_000, patience: 500)
                #expect(taken < 32_000_000)
                gate.open()
                try connection.send([UInt8](repeating: 0x62, count: 64_000_000 - taken))
                #expect(try connection.receiveResponse().body == "/ 64000000")
            }
        }
    }
}
