extension FramingRule {
    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n"

    /// A field's value that is no text.
    private static func octets(_ value: [UInt8], shown: String) -> Sent {
        Sent(bytes: Array("\(get)B: ".utf8) + value + Array("\r\nA: b\r\n\r\n".utf8), shown: shown)
    }

    static let lines: [FramingRule] = [
        FramingRule(
            "9112, 2.2",
            "A message must be parsed as octets, not as characters of an encoding that goes beyond ASCII.",
            "Knows bytes alone; text is made of what has been delimited, such as a value.",
            [
                .served("a character whose number ends like LF", .fields("B: \u{10A}Content-Length: 5")),
                .served("the line separator of Unicode", .fields("B: \u{2028}Content-Length: 5")),
                .served("half a character (C3) in front of CRLF", octets([0xC3], shown: "B: …")),
                .served("LF in more bytes than UTF-8 allows (C0 8A)", octets([0xC0, 0x8A], shown: "B: …")),
            ]
        ),
        FramingRule(
            "9112, 2.2",
            "A recipient may take LF alone for the end of a line; a reader that does, behind one that does not, is smuggled past.",
            "Refuses it wherever a line ends: CRLF is the only end.",
            [
                .refused("LF after the request line", .raw("GET / HTTP/1.1\nHost: x\r\n\r\n"), 400, "H1-BARE-LF"),
                .refused("LF after a field", .fields("B: c\nC: d"), 400, "H1-BARE-LF"),
                .refused("LF for the empty line", .raw(get + "\n"), 400, "H1-BARE-LF"),
                .refused("LF in front of the request", .raw("\n\(get)\r\n"), 400, "H1-BARE-LF"),
                .refused(
                    "two LF and a second request",
                    .raw("GET / HTTP/1.1\nHost: x\n\n\(get)\r\n"),
                    400,
                    "H1-BARE-LF"
                ),
                .refused("LF after a chunk size", .chunks("5\nhello\r\n0\r\n\r\n"), 400, "H1-BARE-LF"),
                .refused("LF after a trailer", .chunks("0\r\nA: b\n\r\n"), 400, "H1-BARE-LF"),
                .refused("LF for the end of the trailers", .chunks("0\r\n\n"), 400, "H1-BARE-LF"),
            ]
        ),
        FramingRule(
            "9112, 2.2",
            "A CR that no LF follows must make the element invalid, or be replaced by a space.",
            "Refuses it everywhere outside of content.",
            [
                .refused("CR in a value", .fields("B: c\rd"), 400, "H1-BARE-CR"),
                .refused("CR that hides a field", .fields("B: \rContent-Length: 5"), 400, "H1-BARE-CR"),
                .refused("CR in front of CRLF", .fields("B: c\r"), 400, "H1-BARE-CR"),
                .refused("CR in the request line", .line("GET /\rHTTP/1.1"), 400, "H1-BARE-CR"),
                .refused("CR after the version", .line("GET / HTTP/1.1\r"), 400, "H1-VERSION"),
                .refused("CR in front of a name", .fields("\rB: c"), 400, "H1-FIELD-NAME"),
                .refused("CR in a chunk size", .chunks("5\r5\r\nhello"), 400, "H1-CHUNK-SIZE"),
                .refused("CR in a chunk extension", .chunks("5;a\rb\r\nhello"), 400, "H1-CHUNK-EXT"),
                .refused("CR in a trailer", .chunks("0\r\nA: b\rc\r\n\r\n"), 400, "H1-TRAILER"),
                .served("CR and LF in content", .post("Content-Length: 6", "\r\n\n\r\r\n")),
            ]
        ),
        FramingRule(
            "9112, 2.2",
            "At least one empty line in front of a request line should be skipped.",
            "Skips one, and refuses more.",
            [
                .served("one empty line", .raw("\r\n\(get)\r\n")),
                .served("one empty line between requests", .raw("\(get)\r\n\r\n\(get)\r\n"), [200, 200]),
                .served(
                    "one empty line after content",
                    .raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi\r\n\(get)\r\n"),
                    [200, 200]
                ),
                .refused("two empty lines", .raw("\r\n\r\n\(get)\r\n"), 400, "H1-LINE"),
            ]
        ),
        FramingRule(
            "9112, 2.2",
            "Blanks between the request line and the first field must be refused or dropped with their lines.",
            "Refuses them.",
            [
                .refused("blank in front of the first field", .host(" Host: x"), 400, "H1-FOLD"),
                .refused("tab in front of the first field", .host("\tA: b\r\nHost: x"), 400, "H1-FOLD"),
                .refused("a line of one blank", .host(" \r\nHost: x"), 400, "H1-FOLD"),
            ]
        ),
        FramingRule(
            "9112, 2.2",
            "A sender must not send a bare CR outside of content, nor blanks between the first line and the first field.",
            "Refuses a response with a control character in a field, and puts the first field right behind the status line.",
            tests: ["ResponseEncoderTests.control", "ResponseEncoderTests.plain", "ConnectionAnswerTests.lineEnds"]
        ),
        FramingRule(
            "9112, 4",
            "The space behind the status code must be sent even where no reason phrase follows.",
            "Sends it.",
            tests: ["ResponseEncoderTests.emptyReason"]
        ),
        FramingRule(
            "9112, 3",
            "A request line is a method, a target and a version with single spaces between; an invalid one should be answered 400.",
            "Refuses any other; repairs none.",
            [
                .refused("HTTP/0.9", .raw("GET /\r\n\r\n"), 400, "H1-LINE"),
                .refused("a method alone", .line("GET"), 400, "H1-LINE"),
                .refused("two spaces before the target", .line("GET  / HTTP/1.1"), 400, "H1-LINE"),
                .refused("two spaces behind the target", .line("GET /  HTTP/1.1"), 400, "H1-VERSION"),
                .refused("tabs for spaces", .line("GET\t/\tHTTP/1.1"), 400, "H1-LINE"),
                .refused("a blank at the end", .line("GET / HTTP/1.1 "), 400, "H1-VERSION"),
                .refused("a blank in front", .line(" GET / HTTP/1.1"), 400, "H1-METHOD"),
                .refused("a blank in the target", .line("GET /a b HTTP/1.1"), 400, "H1-VERSION"),
                .refused(
                    "bytes of TLS",
                    Sent(bytes: [22, 3, 1, 13, 10, 13, 10], shown: "\u{16}\u{3}\u{1}"),
                    400,
                    "H1-METHOD"
                ),
            ]
        ),
        FramingRule(
            "9112, 2.3",
            "The version is `HTTP/` digit `.` digit, case-sensitive; 505 answers a major version that is not served.",
            """
            Serves 1.1 and 1.0. Stricter than RFC 9110, section 2.5, it does not take 1.2 for 1.1: there is no such version, and \
            who sends it tests for differences.
            """,
            [
                .refused("lower case", .line("GET / http/1.1"), 400, "H1-VERSION"),
                .refused("two digits", .line("GET / HTTP/1.10"), 400, "H1-VERSION"),
                .refused("a sign", .line("GET / HTTP/+1.1"), 400, "H1-VERSION"),
                .refused("no minor version", .line("GET / HTTP/1."), 400, "H1-VERSION"),
                .refused("another protocol", .line("GET / ICAP/1.1"), 400, "H1-VERSION"),
                .refused("1.2", .line("GET / HTTP/1.2"), 505, "H1-VERSION-UNSUPPORTED"),
                .refused("2.0", .line("GET / HTTP/2.0"), 505, "H1-VERSION-UNSUPPORTED"),
                .refused("0.9", .line("GET / HTTP/0.9"), 505, "H1-VERSION-UNSUPPORTED"),
                .refused(
                    "the preface of HTTP/2",
                    .raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
                    505,
                    "H1-VERSION-UNSUPPORTED"
                ),
                .served("1.0 closes", .raw("GET / HTTP/1.0\r\n\r\n"), [200], .closes),
            ]
        ),
        FramingRule(
            "9112, 3.1",
            "A method is a token, case-sensitive. One that is longer than any that is known should be answered 501.",
            "Passes on any token of up to 32 characters; the router answers 404 or 405.",
            [
                .served("all token characters", .line("M!#$%&'*+-.^_`|~9 / HTTP/1.1")),
                .served("lower case is another method", .line("get / HTTP/1.1")),
                .refused("not a token", .line("G@T / HTTP/1.1"), 400, "H1-LINE"),
                .refused("a control character", .line("\u{1} / HTTP/1.1"), 400, "H1-METHOD"),
                .refused(
                    "33 characters",
                    .line("\(String(repeating: "M", count: 33)) / HTTP/1.1"),
                    501,
                    "H1-METHOD-LONG"
                ),
            ]
        ),
    ]

    static let targets: [FramingRule] = [
        FramingRule(
            "9112, 3",
            "A target longer than any that a server wants to parse must be answered 414.",
            "Refuses more than `limits.target`, 8 KiB unless said otherwise.",
            [
                .refused(
                    "8,193 bytes",
                    Sent("GET /\(String(repeating: "a", count: 8192)) HTTP/1.1\r\n\r\n", shown: "GET /aaa…"),
                    414,
                    "H1-TARGET-LONG"
                )
            ],
            tests: ["RequestRefusalTests.boundary", "RequestRefusalTests.endless"]
        ),
        FramingRule(
            "9112, 3.2.1",
            "The origin form is an absolute path with an optional query.",
            """
            Takes the path as it was sent, still encoded. Characters that URIs do not have but browsers send, such as `|`, stay; \
            a fragment, controls, blanks and bytes above ASCII are refused.
            """,
            [
                .served("path and query", .line("GET /a%2Fb?c=d?e HTTP/1.1")),
                .served("two slashes are a path", .line("GET //y/a HTTP/1.1")),
                .refused("no slash", .line("GET a HTTP/1.1"), 400, "H1-TARGET"),
                .refused("a fragment", .line("GET /a#b HTTP/1.1"), 400, "H1-TARGET"),
                .refused("NUL", .line("GET /\0 HTTP/1.1"), 400, "H1-TARGET"),
                .refused("DEL", .line("GET /\u{7F} HTTP/1.1"), 400, "H1-TARGET"),
                .refused("a byte above ASCII", .line("GET /\u{E9} HTTP/1.1"), 400, "H1-TARGET"),
            ]
        ),
        FramingRule(
            "9112, 3.2.2",
            "A server must accept the absolute form, and then ignore the Host field for the host of the target.",
            "Does so; without the user information that RFC 9110, section 4.2.4, tells to treat as an attack.",
            [
                .served("absolute form wins over Host", .line("GET http://y:81/a?b HTTP/1.1")),
                .served("no path is the root", .line("GET HTTP://y?b HTTP/1.1")),
                .refused("without a Host field", .raw("GET http://y/ HTTP/1.1\r\n\r\n"), 400, "H1-HOST-MISSING"),
                .refused("user information", .line("GET http://u@y/ HTTP/1.1"), 400, "H1-HOST-INVALID"),
                .refused("a backslash behind the host", .line("GET http://y\\@z/ HTTP/1.1"), 400, "H1-HOST-INVALID"),
                .refused("another scheme", .line("GET ftp://y/ HTTP/1.1"), 400, "H1-TARGET"),
            ]
        ),
        FramingRule(
            "9110, 4.2.1",
            "An http URI with an empty host must be rejected.",
            "Refuses it.",
            [
                .refused("no host", .line("GET http:///a HTTP/1.1"), 400, "H1-TARGET"),
                .refused("a port alone", .line("GET http://:80/ HTTP/1.1"), 400, "H1-HOST-INVALID"),
            ]
        ),
        FramingRule(
            "9110, 7.4",
            "A request for an https resource must be rejected where the connection is not secured.",
            "Answers 421 to an absolute target with https.",
            [.refused("https over plain TCP", .line("GET https://y/ HTTP/1.1"), 421, "H1-SCHEME")]
        ),
        FramingRule(
            "9112, 3.2.3",
            "The authority form is for CONNECT alone, which an origin server need not support.",
            "Refuses CONNECT, whatever its target; the form is no target of others.",
            [
                .refused("CONNECT", .line("CONNECT x:443 HTTP/1.1"), 501, "H1-CONNECT"),
                .refused("CONNECT with a path", .line("CONNECT / HTTP/1.1"), 501, "H1-CONNECT"),
                .refused("the form with GET", .line("GET x:443 HTTP/1.1"), 400, "H1-TARGET"),
            ]
        ),
        FramingRule(
            "9112, 3.2.4",
            "The asterisk form is for OPTIONS alone.",
            "Takes it there, and refuses it elsewhere.",
            [
                .served("OPTIONS", .line("OPTIONS * HTTP/1.1")),
                .refused("GET", .line("GET * HTTP/1.1"), 400, "H1-TARGET"),
                .refused("two asterisks", .line("OPTIONS ** HTTP/1.1"), 400, "H1-TARGET"),
            ]
        ),
    ]
}
