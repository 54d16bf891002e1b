import HTTPTypes
import TestSupport
import Testing

@testable import EventServer

/// Every case of the table, against the parser alone and over real sockets.
@Suite("The framing table", .serialized, .timeLimit(.minutes(5)))
struct FramingTests {
    private static let probe = Array("GET /probe HTTP/1.1\r\nHost: x\r\n\r\n".utf8)

    @Test("holds for the parser: whole, byte by byte, and cut in two at each place", arguments: FramingRule.allCases)
    func parser(_ framing: FramingCase) throws {
        let transcripts = transcripts(of: framing.bytes)
        #expect(transcripts.count == 1)
        let transcript = try #require(transcripts.first)
        #expect(transcript.refusal?.code == framing.code)
        let complete = transcript.requests.count { $0.isComplete }
        if framing.code == nil {
            // What stands behind `close` is for the connection to leave out.
            #expect(complete == framing.answers.count || framing.end == .closes && complete > framing.answers.count)
            #expect((framing.end == .waits) == (transcript.rest > 0 || complete < transcript.requests.count))
        } else {
            #expect(complete == framing.answers.count - 1)
        }
    }

    @Test("holds over sockets: whole and byte by byte", arguments: FramingRule.allCases)
    func socket(_ framing: FramingCase) async throws {
        try await Self.serve { port in
            try Self.check(framing, [framing.bytes], port: port)
            // Long ones are many times the same byte, and a packet for each would prove nothing more.
            guard framing.bytes.count < 2000 else { return }
            try Self.check(framing, framing.bytes.map { [$0] }, port: port)
        }
    }

    @Test("holds over sockets: cut in two at each place", arguments: FramingRule.allCases)
    func socketInTwo(_ framing: FramingCase) async throws {
        try await Self.serve { port in
            let step = max(1, framing.bytes.count / 400)
            for place in stride(from: 1, to: framing.bytes.count, by: step) {
                let pieces = [Array(framing.bytes[..<place]), Array(framing.bytes[place...])]
                try Self.check(framing, pieces, isPrimed: true, port: port)
            }
        }
    }

    @Test("has an answer for each code that the sources know")
    func codes() throws {
        // Their tests are those of the deadlines and of the bodies: time and limits are not framing.
        let elsewhere: Set = ["H1-HEADER-TIMEOUT", "H1-BODY-TIMEOUT", "H1-BODY-LARGE"]
        let known = try FramingDocument.knownCodes().subtracting(elsewhere)
        #expect(known.count > 20)
        #expect(known == Set(FramingRule.allCases.compactMap(\.code)))
    }

    @Test("names each case once within its rule")
    func names() {
        for rule in FramingRule.all {
            #expect(Set(rule.cases.map(\.name)).count == rule.cases.count, "\(rule.section): \(rule.demand)")
            #expect(!rule.cases.isEmpty || !rule.tests.isEmpty)
        }
    }

    /// A server whose handler reads the content, and says what it saw or why it could not.
    private static func serve(_ talk: @escaping @Sendable (Int) throws -> Void) async throws {
        try await TestServer.run {
            $0.loops = 1
        } answer: { request in
            do throws(RequestBodyError) {
                let size = try await request.body.collect().count
                return .text("\(request.method) \(request.path) \(size)")
            } catch {
                return .text(error.description, status: .badRequest)
            }
        } _: { server in
            try await onThread { try talk(server.port) }
        }
    }

    /// Sends the pieces, and a request that must be answered only where the connection stays.
    ///
    /// A primed connection sends the first piece in one write with a whole request, and the second once that is answered: so
    /// it is certain that the server has read the first piece alone.
    private static func check(_ framing: FramingCase, _ pieces: [[UInt8]], isPrimed: Bool = false, port: Int) throws {
        let connection = try RawConnection(port: port, sendsAtOnce: true)
        var pieces = pieces
        if isPrimed {
            try connection.send(probe + pieces.removeFirst())
            #expect(try connection.receiveResponse().body == "GET /probe 0")
        }
        // The server may close, or have closed, before the last bytes are there: the answer counts.
        do { for piece in pieces { try connection.send(piece) } } catch {}
        if framing.end == .waits { connection.finishSending() } else { try? connection.send(probe) }

        let requests = parse([framing.bytes[...]]).requests
        for (index, status) in framing.answers.enumerated() {
            let isHead = index < requests.count && requests[index].method == "HEAD"
            let response = try connection.receiveResponse(toHead: isHead)
            #expect(response.status == status)
            if status == 200, !isHead {
                let request = requests[index]
                #expect(response.body == "\(request.method) \(request.path) \(request.body.count)")
            } else if status != 200, let code = framing.code {
                #expect(response.body.hasPrefix("\(code): "))
            }
            let isLast = index == framing.answers.count - 1
            if isLast, framing.end == .closes { #expect(response.headers["connection"] == "close") }
        }
        if framing.end == .stays {
            #expect(try connection.receiveResponse().body == "GET /probe 0")
        } else {
            // Content that ends early is a whole request to nobody, but its handler may answer that it was cut off.
            let rest = try receiveToEnd(connection)
            let isCutBody = framing.end == .waits && requests.last?.isComplete == false
            if isCutBody { #expect(rest.statuses == [400]) } else { #expect(rest == "") }
        }
    }

    /// What is left; a reset is an end, too, for a client that goes on after it was told that the connection closes.
    private static func receiveToEnd(_ connection: RawConnection) throws -> String {
        do {
            return try connection.receiveToEnd()
        } catch let failure as RawConnection.Failure where failure.description == "recv: errno 104" {
            return ""
        }
    }
}

extension FramingRule {
    static var allCases: [FramingCase] { all.flatMap(\.cases) }
}
