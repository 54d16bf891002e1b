import Testing

@testable import EventServer

@Suite("The parser", .timeLimit(.minutes(1)))
struct RequestParserTests {
    /// A text, and one fact about the only request in it.
    struct Valid: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let isAsExpected: @Sendable (Transcript.Request) -> Bool

        init(_ claim: String, _ text: String, _ isAsExpected: @escaping @Sendable (Transcript.Request) -> Bool) {
            testDescription = claim
            self.text = text
            self.isAsExpected = isAsExpected
        }
    }

    static let valid: [Valid] = [
        Valid("origin form", "GET /a/b?c=d HTTP/1.1\r\nHost: x\r\n\r\n") { $0.path == "/a/b" && $0.query == "c=d" },
        Valid("an empty query is a query", "GET /a? HTTP/1.1\r\nHost: x\r\n\r\n") { $0.query == "" },
        Valid("no query", "GET / HTTP/1.1\r\nHost: x\r\n\r\n") { $0.path == "/" && $0.query == nil },
        Valid("two question marks", "GET /?a?b HTTP/1.1\r\nHost: x\r\n\r\n") { $0.query == "a?b" },
        Valid("percent signs stay", "GET /%2F%zz HTTP/1.1\r\nHost: x\r\n\r\n") { $0.path == "/%2F%zz" },
        Valid("two slashes are a path", "GET //a/b HTTP/1.1\r\nHost: x\r\n\r\n") {
            $0.path == "//a/b" && $0.authority == "x"
        },
        Valid("absolute form wins over Host", "GET http://y:81/a?b HTTP/1.1\r\nHost: x\r\n\r\n") {
            $0.path == "/a" && $0.query == "b" && $0.authority == "y:81"
        },
        Valid("absolute form without a path", "GET HTTP://y?b HTTP/1.1\r\nHost: x\r\n\r\n") {
            $0.path == "/" && $0.query == "b" && $0.authority == "y"
        },
        Valid("asterisk form", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n") { $0.path == "*" },
        Valid("HTTP/1.0 needs no Host, and closes", "GET / HTTP/1.0\r\n\r\n") {
            $0.isOldVersion && $0.authority == "" && !$0.keepsAlive
        },
        Valid("HTTP/1.0 may keep alive", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n") { $0.keepsAlive },
        Valid("HTTP/1.0 with both tokens closes", "GET / HTTP/1.0\r\nConnection: close, keep-alive\r\n\r\n") {
            !$0.keepsAlive
        },
        Valid("HTTP/1.1 keeps alive", "GET / HTTP/1.1\r\nHost: x\r\n\r\n") { $0.keepsAlive },
        Valid("close anywhere in a list", "GET / HTTP/1.1\r\nHost: x\r\nConnection: te ,\t, CLOSE ,\r\n\r\n") {
            !$0.keepsAlive
        },
        Valid(
            "close in a second Connection field",
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: a\r\nConnection: close\r\n\r\n"
        ) {
            !$0.keepsAlive
        },
        Valid("closed is not close", "GET / HTTP/1.1\r\nHost: x\r\nConnection: closed\r\n\r\n") { $0.keepsAlive },
        Valid("names in any case", "GET / HTTP/1.1\r\nhOST: x\r\nx-LOWER: Y\r\n\r\n") {
            $0.authority == "x" && $0.fields.contains("x-LOWER=Y")
        },
        Valid("blanks around a value", "GET / HTTP/1.1\r\nHost:\t x \t\r\nA: \t b c \t \r\n\r\n") {
            $0.authority == "x" && $0.fields.contains("A=b c")
        },
        Valid("empty values", "GET / HTTP/1.1\r\nHost:\r\nA: \t\r\nB:\r\n\r\n") {
            $0.authority == "" && $0.fields == ["Host=", "A=", "B="]
        },
        Valid("one empty line in front", "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n") { $0.path == "/" },
        Valid("all token characters", "M!#$%&'*+-.^_`|~9 / HTTP/1.1\r\nHost: x\r\n!#$%&'*+-.^_`|~9: y\r\n\r\n") {
            $0.method == "M!#$%&'*+-.^_`|~9" && $0.fields.contains("!#$%&'*+-.^_`|~9=y")
        },
        Valid("methods are case-sensitive", "get / HTTP/1.1\r\nHost: x\r\n\r\n") { $0.method == "get" },
        Valid("Host with IPv6 and port", "GET / HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n\r\n") {
            $0.authority == "[2001:db8::1]:443"
        },
        Valid("Host with an empty port", "GET / HTTP/1.1\r\nHost: x:\r\n\r\n") { $0.authority == "x:" },
        Valid("same fields stay apart and in order", "GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nB: 2\r\na: 3\r\n\r\n") {
            $0.fields == ["Host=x", "A=1", "B=2", "a=3"]
        },
        Valid("Content-Length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello") { $0.text == "hello" },
        Valid("leading zeros of a length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0005\r\n\r\nhello") {
            $0.text == "hello"
        },
        Valid("a length of zero", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n") { $0.body.isEmpty },
        Valid("a body with GET", "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi") { $0.text == "hi" },
        Valid(
            "chunks",
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0a\r\n0123456789\r\n0\r\n\r\n"
        ) {
            $0.text == "abc0123456789"
        },
        Valid("no chunks but the last", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n000\r\n\r\n") {
            $0.body.isEmpty
        },
        Valid(
            "chunk extensions and trailers are dropped",
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;a=\"b;c\";d\r\nhi\r\n0;z\r\nHost: evil\r\nX: y\r\n\r\n"
        ) { $0.text == "hi" && $0.authority == "x" && $0.fields.count == 2 },
        Valid(
            "chunk data that looks like a chunk",
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n0\r\n\r\n\r\n0\r\n\r\n"
        ) {
            $0.text == "0\r\n\r\n"
        },
        Valid("100-continue", "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n!") {
            $0.expectsContinue
        },
        Valid(
            "HTTP/1.0 cannot be asked to continue",
            "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n!"
        ) {
            !$0.expectsContinue
        },
    ]

    @Test("accepts what is valid, however it arrives", arguments: valid)
    func acceptsWhatIsValid(_ valid: Valid) throws {
        let transcripts = transcripts(of: valid.text)
        #expect(transcripts.count == 1)
        for transcript in transcripts {
            #expect(transcript.refusal == nil)
            #expect(transcript.rest == 0)
            let request = try #require(transcript.requests.first)
            #expect(transcript.requests.count == 1)
            #expect(request.isComplete)
            #expect(valid.isAsExpected(request))
        }
    }

    @Test("keeps bytes above ASCII in values")
    func obsText() throws {
        let bytes = Array("GET / HTTP/1.1\r\nHost: x\r\nA: ".utf8) + [0x80, 0xFF, 0xE9] + Array("\r\n\r\n".utf8)
        let transcripts = transcripts(of: bytes)
        #expect(transcripts.count == 1)
        #expect(transcripts.first?.requests.first?.fields.count == 2)
    }

    @Test("reads pipelined requests with and without bodies, one after the other")
    func pipelined() throws {
        let text = """
            POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc\
            GET /2 HTTP/1.1\r\nHost: x\r\n\r\n\
            \r\nPOST /3 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nz\r\n0\r\n\r\n\
            GET /4 HTTP/1.1\r\nHost: x\r\n\r\nGET /5
            """
        let transcripts = transcripts(of: text)
        #expect(transcripts.count == 1)
        let transcript = try #require(transcripts.first)
        #expect(transcript.requests.map(\.path) == ["/1", "/2", "/3", "/4"])
        #expect(transcript.requests.map(\.text) == ["abc", "", "z", ""])
        #expect(transcript.rest == 6)
    }

    @Test("stands between requests only where nothing of the next has come")
    func isBetweenRequests() throws {
        var parser = RequestParser()
        #expect(parser.isBetweenRequests)
        var offset = 0
        let some = Array("GET".utf8)
        #expect(try parser.next(some.span, at: &offset) == nil)
        #expect(!parser.isBetweenRequests)
    }

    @Test("limits that nobody reaches do not overflow")
    func hugeLimits() {
        var limits = ParserLimits()
        limits.target = .max
        limits.header = .max
        limits.fieldCount = .max
        let text = "\r\nPOST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nz\r\n7fffffffffffff\r\n"
        let transcripts = transcripts(of: text, limits: limits)
        #expect(transcripts.count == 1)
        #expect(transcripts.first?.refusal == nil)
    }

    @Test("limits below zero let nothing pass, and do not trap")
    func negativeLimits() {
        var limits = ParserLimits()
        limits.header = -1
        limits.target = -1
        #expect(
            transcripts(of: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", limits: limits).map(\.refusal) == [.headerTooLarge]
        )
    }
}

extension RequestParser.Event? {
    fileprivate static func == (event: Self, nothing: _OptionalNilComparisonType) -> Bool {
        if case .none = event { true } else { false }
    }
}

extension Transcript.Request {
    var text: String { String(decoding: body, as: UTF8.self) }
}
