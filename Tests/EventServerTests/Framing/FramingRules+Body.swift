extension FramingRule {
    private static let next = "GET /next HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let length = "Content-Length: \(smuggled.utf8.count)"
    private static let size = String(smuggled.utf8.count, radix: 16)

    private static func request(_ method: String, _ fields: String, _ body: String) -> Sent {
        Sent(
            "\(method) / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n\r\n\(body)\(next)",
            shown: "\(method) …\r\n\(fields)\r\n\r\n\(body)\(next)"
        )
    }

    static let lengths: [FramingRule] = [
        FramingRule(
            "9112, 6.3",
            "An invalid Content-Length is an unrecoverable error: 400, and the connection must close.",
            "Takes decimal digits alone, once. A list of equal numbers, which a recipient may accept, is refused.",
            [
                .served("a number", .post("Content-Length: 5", "hello")),
                .served("leading zeros", .post("Content-Length: 005", "hello")),
                .served("zero", .post("Content-Length: 0", "")),
                .served("blanks around it", .post("Content-Length: \t5 ", "hello")),
                .refused("empty", .fields("Content-Length:"), 400, "H1-CL-INVALID"),
                .refused("a plus", .fields("Content-Length: +5"), 400, "H1-CL-INVALID"),
                .refused("a minus", .fields("Content-Length: -5"), 400, "H1-CL-INVALID"),
                .refused("minus zero", .fields("Content-Length: -0"), 400, "H1-CL-INVALID"),
                .refused("hexadecimal", .fields("Content-Length: 0x5"), 400, "H1-CL-INVALID"),
                .refused("hexadecimal digits", .fields("Content-Length: a"), 400, "H1-CL-INVALID"),
                .refused("two numbers", .fields("Content-Length: 5 5"), 400, "H1-CL-INVALID"),
                .refused("a fraction", .fields("Content-Length: 5.0"), 400, "H1-CL-INVALID"),
                .refused("an exponent", .fields("Content-Length: 1e3"), 400, "H1-CL-INVALID"),
                .refused("an underscore", .fields("Content-Length: 1_0"), 400, "H1-CL-INVALID"),
                .refused("other digits", .fields("Content-Length: \u{665}"), 400, "H1-CL-INVALID"),
                .refused("quotes", .fields("Content-Length: \"5\""), 400, "H1-CL-INVALID"),
                .refused("2^64", .fields("Content-Length: 18446744073709551616"), 400, "H1-CL-INVALID"),
                .refused("2^64 + 5", .fields("Content-Length: 18446744073709551621"), 400, "H1-CL-INVALID"),
                .refused("a list of equals", .fields("Content-Length: 5, 5"), 400, "H1-CL-DUP"),
                .refused("a list of others", .fields("Content-Length: 5, 6"), 400, "H1-CL-DUP"),
                .refused("two fields, alike", .fields("Content-Length: 5\r\nContent-Length: 5"), 400, "H1-CL-DUP"),
                .refused("two fields that differ", .fields("Content-Length: 5\r\ncontent-length: 6"), 400, "H1-CL-DUP"),
                .refused("two zeros", .fields("Content-Length: 0\r\nContent-Length: 0"), 400, "H1-CL-DUP"),
            ]
        ),
        FramingRule(
            "9112, 6.3",
            "Exactly as many bytes as announced are content; what follows is the next request. Neither field: no content.",
            "Content of any method is consumed before the next request, whether the handler reads it or not.",
            [
                .served("content that looks like a request", request("POST", length, smuggled), [200, 200]),
                .served("content with GET", request("GET", length, smuggled), [200, 200]),
                .served("content with HEAD", request("HEAD", length, smuggled), [200, 200]),
                .served("content with DELETE", request("DELETE", length, smuggled), [200, 200]),
                .served(
                    "chunks with GET",
                    request("GET", "Transfer-Encoding: chunked", "\(size)\r\n\(smuggled)\r\n0\r\n\r\n"),
                    [200, 200]
                ),
                .served("no content without a field", request("POST", "A: b", ""), [200, 200]),
                .refused(
                    "more bytes than announced",
                    .post("Content-Length: 5", "hello!\r\n\r\n"),
                    400,
                    "H1-LINE",
                    after: 1
                ),
                .served("fewer bytes than announced", .post("Content-Length: 5", "hell"), [], .waits),
            ],
            tests: ["ConnectionBodyTests.bodyIsNoRequest"]
        ),
        FramingRule(
            "9112, 6.3",
            "Content that ends, or stalls, before all of it is there is incomplete, and the connection must close.",
            "Reading it fails, with 408 for content that stalls, and nothing more is answered.",
            [
                .served("an end within a length", .post("Content-Length: 5", "h"), [], .waits),
                .served("an end within a chunk", .chunks("5\r\nh"), [], .waits),
                .served("an end behind a chunk", .chunks("5\r\nhello\r\n"), [], .waits),
            ],
            tests: [
                "ConnectionBodyTests.clientLeft", "ConnectionDeadlineTests.body", "ConnectionDeadlineTests.unreadBody",
            ]
        ),
        FramingRule(
            "9112, 6.2",
            "Content-Length must not be sent beside Transfer-Encoding.",
            "Sends one of them; a response that has a Transfer-Encoding of its own, or a length that is not true, is refused.",
            tests: [
                "ResponseEncoderTests.streams", "ResponseEncoderTests.lies", "ResponseEncoderTests.framingFields",
                "ConnectionAnswerTests.wrongResponse",
            ]
        ),
    ]

    static let encodings: [FramingRule] = [
        FramingRule(
            "9112, 6.3",
            "Transfer-Encoding beside Content-Length ought to be handled as an error; who takes it must close.",
            "Refuses it, in either order.",
            [
                .refused(
                    "CL.TE",
                    .post("Content-Length: 6\r\nTransfer-Encoding: chunked", "0\r\n\r\nG"),
                    400,
                    "H1-CL-TE"
                ),
                .refused(
                    "TE.CL",
                    .post("Transfer-Encoding: chunked\r\nContent-Length: 3", "1\r\nG\r\n0\r\n\r\n"),
                    400,
                    "H1-CL-TE"
                ),
                .refused(
                    "a length of zero",
                    .fields("Content-Length: 0\r\nTransfer-Encoding: chunked"),
                    400,
                    "H1-CL-TE"
                ),
                .refused(
                    "another coding",
                    .fields("Content-Length: 5\r\nTransfer-Encoding: identity"),
                    400,
                    "H1-CL-TE"
                ),
                .refused("another coding first", .fields("Transfer-Encoding: x\r\nContent-Length: 5"), 400, "H1-CL-TE"),
            ]
        ),
        FramingRule(
            "9112, 6.3",
            "Where the last coding is not chunked the length is unknown: 400, and the connection must close.",
            """
            Refuses it. Stricter than RFC 9110, section 5.6.1.2, it takes no empty elements in this list: they are how codings are \
            hidden from one of two readers.
            """,
            [
                .served("chunked", .post("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n")),
                .served("any case", .post("tRANSFER-eNCODING: ChunKed", "0\r\n\r\n")),
                .refused("empty", .fields("Transfer-Encoding:"), 400, "H1-TE-INVALID"),
                .refused("identity", .fields("Transfer-Encoding: identity"), 400, "H1-TE-INVALID"),
                .refused("gzip", .fields("Transfer-Encoding: gzip"), 400, "H1-TE-INVALID"),
                .refused("chunked is not last", .fields("Transfer-Encoding: chunked, identity"), 400, "H1-TE-INVALID"),
                .refused("another name", .fields("Transfer-Encoding: xchunked"), 400, "H1-TE-INVALID"),
                .refused("another ending", .fields("Transfer-Encoding: chunkedx"), 400, "H1-TE-INVALID"),
                .refused("a parameter", .fields("Transfer-Encoding: chunked;q=1"), 400, "H1-TE-INVALID"),
                .refused("quotes", .fields("Transfer-Encoding: \"chunked\""), 400, "H1-TE-INVALID"),
                .refused("a leading comma", .fields("Transfer-Encoding: ,chunked"), 400, "H1-TE-INVALID"),
                .refused("a comma behind", .fields("Transfer-Encoding: chunked,"), 400, "H1-TE-INVALID"),
                .refused("a blank within", .fields("Transfer-Encoding: chu nked"), 400, "H1-TE-INVALID"),
                .refused(
                    "another coding in a second field",
                    .fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: x"),
                    400,
                    "H1-TE-INVALID"
                ),
            ]
        ),
        FramingRule(
            "9112, 7.1",
            "Chunked must be understood, and not be applied twice.",
            "Decodes it, and refuses it twice.",
            [
                .served("once", .chunks("5\r\nhello\r\n0\r\n\r\n")),
                .refused("in one field", .fields("Transfer-Encoding: chunked, chunked"), 400, "H1-TE-INVALID"),
                .refused(
                    "in two fields",
                    .fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
                    400,
                    "H1-TE-INVALID"
                ),
            ]
        ),
        FramingRule(
            "9112, 6.1",
            "A coding that a server does not understand should be answered 501.",
            "Decodes nothing but chunked.",
            [
                .refused("gzip in front", .fields("Transfer-Encoding: gzip, chunked"), 501, "H1-TE-UNSUPPORTED"),
                .refused(
                    "identity in front",
                    .fields("Transfer-Encoding: identity, chunked"),
                    501,
                    "H1-TE-UNSUPPORTED"
                ),
                .refused(
                    "in two fields",
                    .fields("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"),
                    501,
                    "H1-TE-UNSUPPORTED"
                ),
            ]
        ),
        FramingRule(
            "9112, 6.1",
            "Transfer-Encoding in HTTP/1.0 must be treated as faulty framing, and the connection close.",
            "Refuses it.",
            [
                .refused(
                    "chunked in 1.0",
                    .raw("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                    400,
                    "H1-TE-10"
                ),
                .refused(
                    "chunked in 1.0, kept alive",
                    .raw("POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                    400,
                    "H1-TE-10"
                ),
                .refused(
                    "beside a length",
                    .raw("POST / HTTP/1.0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                    400,
                    "H1-CL-TE"
                ),
            ]
        ),
    ]
}
