import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import EventServer

/// Mutates requests at random, from a seed, so that a failure can be had again.
@Suite("Mutated requests", .timeLimit(.minutes(1)))
struct FuzzTests {
    private static let seeds = [
        "GET /a?b HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n",
        "HEAD http://y:80/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "OPTIONS * HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello world",
        "POST / HTTP/1.1\r\nHost: [::1]:8\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nT: r\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    ]

    private static let words = [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ";", "0", "-", "+", "0x", "ffffffffffffffff", "18446744073709551616",
        "\u{FF}",
        "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Host: y\r\n", "Connection: close\r\n", "HTTP/1.1",
        "?", "[", "]",
        "0\r\n\r\n", "\r\n\r\n", "%00", "*", "Expect: 100-continue\r\n",
    ]

    /// One to three requests, with up to four changes.
    private static func mutant(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0...Int.random(in: 0...2, using: &random) {
            bytes += Array((seeds.randomElement(using: &random) ?? "").utf8)
        }
        for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0...5, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(contentsOf: Array((words.randomElement(using: &random) ?? "").utf8), at: place)
            case 3: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &random)))
            case 4: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 30)], at: place)
            default: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
            }
        }
        return bytes
    }

    private static func pieces(of bytes: [UInt8], _ random: inout SeededGenerator) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...max(1, min(rest.count, 40)), using: &random)
            pieces.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return pieces
    }

    @Test("are parsed the same whole and in pieces", arguments: [1, 2, 3, 4] as [UInt64])
    func parser(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var small = ParserLimits()
        small.target = 12
        small.header = 80
        small.fieldCount = 3
        for round in 0..<5000 {
            let bytes = Self.mutant(&random)
            let limits = round % 4 == 0 ? small : ParserLimits()
            let whole = parse([bytes[...]], limits: limits)
            for _ in 0..<2 {
                let cut = parse(Self.pieces(of: bytes, &random), limits: limits)
                #expect(
                    cut == whole,
                    "seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self).debugDescription)"
                )
            }
        }
    }

    @Test("that the fuzzers have kept, crashes among them, are parsed the same however they arrive")
    func corpus() throws {
        var root = URL(filePath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let folder = root.appending(path: "Fuzz/Corpus")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.count > 100)
        for name in names {
            let bytes = Array(try Data(contentsOf: folder.appending(path: name)))
            #expect(transcripts(of: bytes).count == 1, "\(name)")
        }
    }

    /// All answers; `nil` where the connection was reset, which a client has to expect that goes on after it said `close`.
    private static func receive(_ connection: RawConnection) throws -> String? {
        do {
            return try connection.receiveToEnd()
        } catch let failure as RawConnection.Failure where failure.description == "recv: errno 104" {
            return nil
        }
    }

    @Test(
        "get whole answers in order, at most one of them a refusal, and then an end",
        arguments: [1, 2, 3, 4] as [UInt64]
    )
    func socket(seed: UInt64) async throws {
        try await TestServer.answering { request in
            if request.path.utf8.count % 2 == 0 { await Task.yield() }
            do throws(RequestBodyError) {
                let body = request.queryString == nil ? try await request.body.collect() : []
                return .text("\(body.count)")
            } catch {
                return .text("\(error.code)", status: .conflict)
            }
        } during: { server in
            try await server.connect { _ in
                var random = SeededGenerator(seed: seed &* 1000)
                for round in 0..<150 {
                    let bytes = Self.mutant(&random)
                    let expected = parse([bytes[...]])
                    let connection = try RawConnection(port: server.port)
                    for piece in Self.pieces(of: bytes, &random) { try? connection.send(piece) }
                    connection.finishSending()
                    guard let text = try Self.receive(connection) else { continue }
                    let statuses = text.statuses
                    let refusals = statuses.filter { $0 >= 400 && $0 != 409 }
                    let note = Comment(
                        "seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self).debugDescription)"
                    )
                    #expect(refusals.count <= 1, note)
                    #expect(refusals.isEmpty || statuses.last == refusals.last, note)
                    #expect(statuses.filter { $0 == 200 || $0 == 409 }.count <= expected.requests.count, note)
                }
                let connection = try RawConnection(port: server.port)
                try connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try connection.receiveResponse().status == 200)
            }
        }
    }
}
