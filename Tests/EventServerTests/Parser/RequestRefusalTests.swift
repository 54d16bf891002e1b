import HTTPTypes
import Testing

@testable import EventServer

@Suite("A refusal", .timeLimit(.minutes(1)))
struct RequestRefusalTests {
    /// A text, and why it is refused.
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let refusal: RequestRefusal
        var testDescription: String { "\(refusal.code) for \(text.prefix(120).debugDescription)" }

        init(_ refusal: RequestRefusal, _ text: String) {
            self.text = text
            self.refusal = refusal
        }

        /// Lines are joined with CRLF, the section is ended.
        init(_ refusal: RequestRefusal, lines: String..., body: String = "") {
            self.init(refusal, lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
        }

        /// A field in an otherwise valid request.
        static func field(_ refusal: RequestRefusal, _ field: String) -> Case {
            Case(refusal, lines: "GET / HTTP/1.1", "Host: x", field, "A: b")
        }

        /// A body in chunks.
        static func chunks(_ refusal: RequestRefusal, _ body: String) -> Case {
            Case(refusal, lines: "POST / HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", body: body)
        }
    }

    static let requestLines: [Case] = [
        Case(.requestLine, lines: "GET", "Host: x"),
        Case(.requestLine, lines: "GET /", "Host: x"),
        Case(.requestLine, lines: "GET  / HTTP/1.1", "Host: x"),
        Case(.requestLine, lines: "GET\t/ HTTP/1.1", "Host: x"),
        Case(.requestLine, lines: "G@T / HTTP/1.1", "Host: x"),
        Case(.requestLine, "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        Case(.method, lines: " GET / HTTP/1.1", "Host: x"),
        Case(.method, lines: "\u{1} / HTTP/1.1", "Host: x"),
        Case(.methodTooLong, lines: "\(String(repeating: "M", count: 33)) / HTTP/1.1", "Host: x"),
        Case(.connect, lines: "CONNECT x:443 HTTP/1.1", "Host: x"),
        Case(.connect, lines: "CONNECT / HTTP/1.1", "Host: x"),
        Case(.target, lines: "GET * HTTP/1.1", "Host: x"),
        Case(.target, lines: "GET a HTTP/1.1", "Host: x"),
        Case(.target, lines: "OPTIONS ** HTTP/1.1", "Host: x"),
        Case(.target, lines: "GET ftp://y/ HTTP/1.1", "Host: x"),
        Case(.target, lines: "GET http:///a HTTP/1.1", "Host: x"),
        Case(.target, lines: "GET http:// HTTP/1.1", "Host: x"),
        Case(.target, lines: "GET /a#b HTTP/1.1", "Host: x"),
        Case(.target, lines: "GET /\u{E9} HTTP/1.1", "Host: x"),
        Case(.target, lines: "GET /\0 HTTP/1.1", "Host: x"),
        Case(.target, lines: "GET /\tHTTP/1.1", "Host: x"),
        Case(.hostInvalid, lines: "GET http://u@y/ HTTP/1.1", "Host: x"),
        Case(.hostInvalid, lines: "GET http://:80/ HTTP/1.1", "Host: x"),
        Case(.bareCR, lines: "GET /\rHTTP/1.1", "Host: x"),
        Case(.version, lines: "GET / ", "Host: x"),
        Case(.version, lines: "GET / HTTP/1.1 ", "Host: x"),
        Case(.version, lines: "GET /  HTTP/1.1", "Host: x"),
        Case(.version, lines: "GET / / HTTP/1.1", "Host: x"),
        Case(.version, lines: "GET / http/1.1", "Host: x"),
        Case(.version, lines: "GET / HTTP/1,1", "Host: x"),
        Case(.version, lines: "GET / HTTP/+1.1", "Host: x"),
        Case(.version, lines: "GET / HTTP/1.10", "Host: x"),
        Case(.version, lines: "GET / HTTP/1.", "Host: x"),
        Case(.version, lines: "GET / HTTP/1.1\r", "Host: x"),
        Case(.version, lines: "GET / ICAP/1.1", "Host: x"),
        Case(.versionUnsupported, lines: "GET / HTTP/1.2", "Host: x"),
        Case(.versionUnsupported, lines: "GET / HTTP/0.9", "Host: x"),
        Case(.versionUnsupported, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Case(.bareLF, "GET / HTTP/1.1\nHost: x\r\n\r\n"),
        Case(.bareLF, "\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        Case(.bareLF, "GET / HTTP/1.1\r\nHost: x\n\r\n"),
        Case(.bareLF, "GET / HTTP/1.1\r\nHost: x\r\n\n"),
        Case(.bareLF, "GET / HTTP/1.1\r\nHost: x\r\nA: b\nC: d\r\n\r\n"),
    ]

    static let fields: [Case] = [
        .field(.fieldName, "A : b"), .field(.fieldName, "A\t: b"), .field(.fieldName, ": b"), .field(.fieldName, "A"),
        .field(.fieldName, "A b: c"), .field(.fieldName, "A(b): c"), .field(.fieldName, "\u{E9}: b"),
        .field(.fieldName, "A\0: b"), .field(.fieldName, "Content-Length : 5"), .field(.fieldName, "\rA: b"),
        .field(.fieldValue, "A: b\0c"), .field(.fieldValue, "A: \u{1}"), .field(.fieldValue, "A: \u{7F}"),
        .field(.bareCR, "A: b\rc"), .field(.bareCR, "A: \rContent-Length: 5"), .field(.bareCR, "A: b\r"),
        .field(.folding, " b"), .field(.folding, "\tb"), .field(.folding, "A: b\r\n c"),
        Case(.folding, lines: "GET / HTTP/1.1", " Host: x"),
        Case(.hostMissing, lines: "GET / HTTP/1.1"), Case(.hostMissing, lines: "GET / HTTP/1.1", "A: b"),
        Case(.hostMissing, lines: "GET http://y/ HTTP/1.1", "A: b"),
        .field(.hostDuplicate, "Host: x"), .field(.hostDuplicate, "HOST: y"),
        Case(.hostDuplicate, lines: "GET / HTTP/1.0", "Host: x", "Host: x"),
        Case(.hostInvalid, lines: "GET / HTTP/1.1", "Host: a b"),
        Case(.hostInvalid, lines: "GET / HTTP/1.1", "Host: a, b"),
        Case(.hostInvalid, lines: "GET / HTTP/1.1", "Host: a/b"),
        Case(.hostInvalid, lines: "GET / HTTP/1.1", "Host: u@a"),
        Case(.hostInvalid, lines: "GET / HTTP/1.1", "Host: a:b"),
        Case(.hostInvalid, lines: "GET / HTTP/1.1", "Host: a:123456"),
        Case(.hostInvalid, lines: "GET / HTTP/1.1", "Host: a:1:2"),
        Case(.hostInvalid, lines: "GET / HTTP/1.1", "Host: [::1"),
        Case(.hostInvalid, lines: "GET / HTTP/1.1", "Host: [::1]x"),
        Case(.hostInvalid, lines: "GET / HTTP/1.1", "Host: [g]"),
        Case(.hostInvalid, lines: "GET / HTTP/1.1", "Host: []"),
        Case(.hostInvalid, lines: "GET / HTTP/1.1", "Host: :80"),
        Case(.hostInvalid, lines: "GET / HTTP/1.1", "Host: \u{E9}"),
        Case(.hostInvalid, lines: "GET / HTTP/1.1", "Host: a?b"),
        .field(.expectation, "Expect: 200-ok"), .field(.expectation, "Expect:"),
        .field(.expectation, "Expect: 100-continue, x"),
    ]

    static let framing: [Case] = [
        .field(.lengthInvalid, "Content-Length:"), .field(.lengthInvalid, "Content-Length: +5"),
        .field(.lengthInvalid, "Content-Length: -5"), .field(.lengthInvalid, "Content-Length: -0"),
        .field(.lengthInvalid, "Content-Length: 0x5"), .field(.lengthInvalid, "Content-Length: 5 5"),
        .field(.lengthInvalid, "Content-Length: 5.0"), .field(.lengthInvalid, "Content-Length: 1e3"),
        .field(.lengthInvalid, "Content-Length: 18446744073709551616"),
        .field(.lengthInvalid, "Content-Length: 99999999999999999999999999"),
        .field(.lengthDuplicate, "Content-Length: 5, 5"),
        .field(.lengthDuplicate, "Content-Length: 5\r\nContent-Length: 5"),
        .field(.lengthDuplicate, "Content-Length: 5\r\nContent-Length: 6"),
        .field(.lengthDuplicate, "Content-Length: 0\r\nContent-Length: 0"),
        .field(.lengthWithEncoding, "Content-Length: 5\r\nTransfer-Encoding: chunked"),
        .field(.lengthWithEncoding, "Transfer-Encoding: chunked\r\nContent-Length: 5"),
        .field(.lengthWithEncoding, "Content-Length: 0\r\nTransfer-Encoding: chunked"),
        .field(.encodingInvalid, "Transfer-Encoding:"), .field(.encodingInvalid, "Transfer-Encoding: identity"),
        .field(.encodingUnsupported, "Transfer-Encoding: gzip, chunked"),
        .field(.encodingInvalid, "Transfer-Encoding: chunked, chunked"),
        .field(.encodingInvalid, "Transfer-Encoding: chunked, identity"),
        .field(.encodingInvalid, "Transfer-Encoding: xchunked"),
        .field(.encodingInvalid, "Transfer-Encoding: chunked;a"),
        .field(.encodingInvalid, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        Case(.encodingInOldVersion, lines: "POST / HTTP/1.0", "Transfer-Encoding: chunked"),
    ]

    static let chunks: [Case] = [
        .chunks(.chunkSize, "\r\n"), .chunks(.chunkSize, "0x5\r\n"), .chunks(.chunkSize, "+5\r\n"),
        .chunks(.chunkSize, "-5\r\n"), .chunks(.chunkSize, " 5\r\n"), .chunks(.chunkSize, "5 \r\n"),
        .chunks(.chunkSize, "5 ;a\r\n"), .chunks(.chunkSize, "g\r\n"), .chunks(.chunkSize, ";a\r\n"),
        .chunks(.chunkSize, "5\0\r\n"), .chunks(.chunkSize, "5\r5\r\n"),
        .chunks(.chunkSize, "ffffffffffffffff\r\n"), .chunks(.chunkSize, "10000000000000000\r\n"),
        .chunks(.chunkSize, "0000000000000005\r\n"),
        .chunks(.chunkExtension, "5;a\0\r\n"), .chunks(.chunkExtension, "5;a\rb\r\n"),
        .chunks(.chunkExtension, "5;\(String(repeating: "a", count: 300))\r\n"),
        .chunks(.chunkExtension, String(repeating: "0", count: 300)),
        .chunks(.bareLF, "5\nhello"), .chunks(.bareLF, "\n"), .chunks(.bareLF, "0\r\n\n"),
        .chunks(.chunkEnd, "2\r\nabc"), .chunks(.chunkEnd, "2\r\nab\n"), .chunks(.chunkEnd, "2\r\nab\r\r"),
        .chunks(.chunkEnd, "2\r\nab0\r\n\r\n"),
        .chunks(.trailer, "0\r\nA\r\n\r\n"), .chunks(.trailer, "0\r\n A: b\r\n\r\n"),
        .chunks(.trailer, "0\r\nA : b\r\n\r\n"),
        .chunks(.trailer, "0\r\nA: \0\r\n\r\n"), .chunks(.trailer, "0\r\nGET / HTTP/1.1\r\n\r\n"),
        .chunks(.trailer, "0\r\nA: \(String(repeating: "b", count: 8200))"),
        .chunks(.trailer, "0\r\n" + String(repeating: "A: b\r\n", count: 1400)),
        .chunks(.bareLF, "0\r\nA: b\n\r\n"),
    ]

    @Test("has the same code however the bytes arrive", arguments: requestLines + fields + framing + chunks)
    func sameCode(_ refused: Case) {
        let transcripts = transcripts(of: refused.text)
        for transcript in transcripts { #expect(transcript.refusal == refused.refusal) }
        #expect(transcripts.count == 1)
    }

    @Test("has a 4xx or 5xx status and a code of its own")
    func codes() {
        let all = (Self.requestLines + Self.fields + Self.framing + Self.chunks).map(\.refusal)
        #expect(all.allSatisfy { (400...505).contains($0.status.code) && $0.code.hasPrefix("H1-") })
        #expect(all.allSatisfy { $0.description == "\($0.code): \($0.reason)" })
    }

    /// The request is exactly at a limit, or one beyond it.
    struct Boundary: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let refusal: RequestRefusal
        let limits: ParserLimits
        let make: @Sendable (Int) -> String
        let limit: Int
    }

    static let boundaries: [Boundary] = {
        var limits = ParserLimits()
        limits.target = 200
        limits.header = 500
        limits.fieldCount = 7
        return [
            Boundary(
                testDescription: "target",
                refusal: .targetTooLong,
                limits: limits,
                make: { size in
                    "GET /\(String(repeating: "a", count: size - 1)) HTTP/1.1\r\nHost: x\r\n\r\n"
                },
                limit: 200
            ),
            Boundary(
                testDescription: "header section",
                refusal: .headerTooLarge,
                limits: limits,
                make: { size in
                    let around = "GET / HTTP/1.1\r\nHost: x\r\nA: \r\n\r\n"
                    let filler = String(repeating: "a", count: size - around.utf8.count)
                    return "GET / HTTP/1.1\r\nHost: x\r\nA: \(filler)\r\n\r\n"
                },
                limit: 500
            ),
            Boundary(
                testDescription: "header section after an empty line",
                refusal: .headerTooLarge,
                limits: limits,
                make: { size in
                    let around = "GET / HTTP/1.1\r\nHost: x\r\nA: \r\n\r\n"
                    let filler = String(repeating: "a", count: size - around.utf8.count)
                    return "\r\nGET / HTTP/1.1\r\nHost: x\r\nA: \(filler)\r\n\r\n"
                },
                limit: 500
            ),
            Boundary(
                testDescription: "field count",
                refusal: .tooManyFields,
                limits: limits,
                make: { count in
                    "GET / HTTP/1.1\r\nHost: x\r\n" + String(repeating: "A: b\r\n", count: count - 1) + "\r\n"
                },
                limit: 7
            ),
        ]
    }()

    @Test("comes one beyond a limit, not at it", arguments: boundaries)
    func boundary(_ boundary: Boundary) {
        let at = transcripts(of: boundary.make(boundary.limit), limits: boundary.limits)
        #expect(at.map(\.refusal) == [nil])
        #expect(at.first?.requests.first?.isComplete == true)
        let beyond = transcripts(of: boundary.make(boundary.limit + 1), limits: boundary.limits)
        #expect(beyond.map(\.refusal) == [boundary.refusal])
    }

    @Test("of an endless line or section does not depend on what stands behind it")
    func endless() {
        var limits = ParserLimits()
        limits.target = 100
        limits.header = 300
        let filler = String(repeating: "a", count: 400)
        for end in ["", " HTTP/1.1\r\n\r\n", "\n", "\r\n\r\n", "\0"] {
            #expect(transcripts(of: "GET /\(filler)\(end)", limits: limits).map(\.refusal) == [.targetTooLong])
            #expect(transcripts(of: "\(filler)\(end)", limits: limits).map(\.refusal) == [.targetTooLong])
            let section = "GET / HTTP/1.1\r\nA: \(filler)\(end)"
            #expect(transcripts(of: section, limits: limits).map(\.refusal) == [.headerTooLarge])
        }
    }

    @Test("leaves the requests before it as they are")
    func afterGoodRequests() {
        let good = "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
        let transcripts = transcripts(of: good + good + "BAD\r\n\r\n")
        #expect(transcripts.count == 1)
        #expect(transcripts.first?.requests.count == 2)
        #expect(transcripts.first?.refusal == .requestLine)
    }
}
