extension FramingRule {
    private static let next = "GET /next HTTP/1.1\r\nHost: x\r\n\r\n"

    static let chunks: [FramingRule] = [
        FramingRule(
            "9112, 7.1",
            "A chunk begins with its size in hexadecimal digits; large numbers must not overflow.",
            "Takes up to 15 digits, without signs, prefixes and blanks.",
            [
                .served("two chunks", .chunks("3\r\nabc\r\n0a\r\n0123456789\r\n0\r\n\r\n")),
                .served("capital digits", .chunks("A\r\n0123456789\r\n0\r\n\r\n")),
                .served("zeros", .chunks("0005\r\nhello\r\n000\r\n\r\n")),
                .served("data that looks like a chunk", .chunks("5\r\n0\r\n\r\n\r\n0\r\n\r\n")),
                .served("a request behind", .chunks("1\r\nz\r\n0\r\n\r\n\(next)"), [200, 200]),
                .refused("empty", .chunks("\r\nhello"), 400, "H1-CHUNK-SIZE"),
                .refused("0x", .chunks("0x5\r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-SIZE"),
                .refused("a plus", .chunks("+5\r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-SIZE"),
                .refused("a minus", .chunks("-5\r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-SIZE"),
                .refused("minus zero", .chunks("-0\r\n\r\n"), 400, "H1-CHUNK-SIZE"),
                .refused("a blank in front", .chunks(" 5\r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-SIZE"),
                .refused("a blank behind", .chunks("5 \r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-SIZE"),
                .refused("a tab behind", .chunks("5\t\r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-SIZE"),
                .refused("another letter", .chunks("5g\r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-SIZE"),
                .refused("an underscore", .chunks("0_5\r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-SIZE"),
                .refused("NUL", .chunks("5\0\r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-SIZE"),
                .refused("2^64 - 1", .chunks("ffffffffffffffff\r\n"), 400, "H1-CHUNK-SIZE"),
                .refused("2^64 + 5", .chunks("10000000000000005\r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-SIZE"),
                .refused("sixteen digits", .chunks("0000000000000005\r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-SIZE"),
            ]
        ),
        FramingRule(
            "9112, 7.1",
            "CRLF stands behind the data of each chunk.",
            "Refuses anything else there.",
            [
                .refused("more data", .chunks("2\r\nabc\r\n0\r\n\r\n"), 400, "H1-CHUNK-END"),
                .refused("the next size", .chunks("2\r\nab0\r\n\r\n"), 400, "H1-CHUNK-END"),
                .refused("LF alone", .chunks("2\r\nab\n0\r\n\r\n"), 400, "H1-CHUNK-END"),
                .refused("CR alone", .chunks("2\r\nab\r0\r\n\r\n"), 400, "H1-CHUNK-END"),
                .refused("two other bytes", .chunks("2\r\nabXX0\r\n\r\n"), 400, "H1-CHUNK-END"),
                .served("no last chunk", .chunks("2\r\nab\r\n"), [], .waits),
                .served("no end of the trailers", .chunks("2\r\nab\r\n0\r\n"), [], .waits),
            ]
        ),
        FramingRule(
            "9112, 7.1.1",
            "Unrecognised extensions must be ignored; their total length ought to be limited.",
            """
            Reads them by the grammar, and drops them: 256 bytes a line, and 8 KiB in a request beyond one for each byte of data. \
            Stricter than RFC 9110, section 5.6.3, it takes no blank in front of the semicolon.
            """,
            [
                .served("a name", .chunks("5;a\r\nhello\r\n0;b\r\n\r\n")),
                .served("a value", .chunks("5;a=b;c=d\r\nhello\r\n0\r\n\r\n")),
                .served("a quoted value", .chunks("5;a=\"b;c=\\\"d\"\r\nhello\r\n0\r\n\r\n")),
                .served("blanks behind the semicolon", .chunks("5; a = b\r\nhello\r\n0\r\n\r\n")),
                .refused("a blank in front", .chunks("5 ;a\r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-SIZE"),
                .refused("nothing behind the semicolon", .chunks("5;\r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-EXT"),
                .refused("two semicolons", .chunks("5;;a\r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-EXT"),
                .refused("no value", .chunks("5;a=\r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-EXT"),
                .refused("an open quotation", .chunks("5;a=\"b\r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-EXT"),
                .refused("an escaped CR", .chunks("5;a=\"\\\r\"\r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-EXT"),
                .refused("text behind a quotation", .chunks("5;a=\"b\"c\r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-EXT"),
                .refused("LF (EXT.TERM)", .chunks("5;a\nhello\r\n0\r\n\r\n"), 400, "H1-BARE-LF"),
                .refused("LF within (TERM.EXT)", .chunks("2;\nxx\r\n45\r\n0\r\n\r\n"), 400, "H1-BARE-LF"),
                .refused("LF in quotes", .chunks("5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"), 400, "H1-BARE-LF"),
                .refused("NUL", .chunks("5;a\0\r\nhello\r\n0\r\n\r\n"), 400, "H1-CHUNK-EXT"),
                .refused(
                    "300 bytes",
                    Sent(
                        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;\(String(repeating: "a", count: 300))",
                        shown: "5;aaa…"
                    ),
                    400,
                    "H1-CHUNK-EXT"
                ),
                .refused(
                    "100 bytes with each byte of data",
                    Sent(
                        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + String(repeating: "1;\(String(repeating: "a", count: 99))\r\nz\r\n", count: 100),
                        shown: "1;aaa…\r\nz\r\n1;aaa…\r\nz\r\n…"
                    ),
                    400,
                    "H1-CHUNK-EXT"
                ),
            ]
        ),
        FramingRule(
            "9112, 7.1.2",
            "Trailers must not be merged into the header section where that is not known to be safe.",
            "Checks them like fields, up to 8 KiB, and drops them.",
            [
                .served("a trailer", .chunks("0\r\nA: b\r\n\r\n\(next)"), [200, 200]),
                .served(
                    "trailers that would frame",
                    .chunks("0\r\nContent-Length: 5\r\nTransfer-Encoding: x\r\nHost: y\r\n\r\n\(next)"),
                    [200, 200]
                ),
                .refused("a request for a trailer", .chunks("0\r\n\(next)"), 400, "H1-TRAILER"),
                .refused("no colon", .chunks("0\r\nA\r\n\r\n"), 400, "H1-TRAILER"),
                .refused("a blank before the colon", .chunks("0\r\nA : b\r\n\r\n"), 400, "H1-TRAILER"),
                .refused("NUL", .chunks("0\r\nA: \0\r\n\r\n"), 400, "H1-TRAILER"),
                .refused(
                    "9 KiB",
                    Sent(
                        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
                            + String(repeating: "A: bcdef\r\n", count: 920),
                        shown: "0\r\nA: bcdef\r\nA: bcdef\r\n…"
                    ),
                    400,
                    "H1-TRAILER"
                ),
            ]
        ),
    ]

    static let connections: [FramingRule] = [
        FramingRule(
            "9112, 9.3",
            "1.1 goes on unless `close` is said; 1.0 ends unless `keep-alive` is. Both are tokens of a list, in any case.",
            "Does so; `close` wins over `keep-alive`.",
            [
                .served("1.1", .fields("B: c")),
                .served("close", .fields("Connection: close"), [200], .closes),
                .served("close in a list", .fields("Connection: te ,\t, CLOSE ,"), [200], .closes),
                .served("close in a second field", .fields("Connection: te\r\nConnection: close"), [200], .closes),
                .served("both", .fields("Connection: close, keep-alive"), [200], .closes),
                .served("another word", .fields("Connection: closed")),
                .served("quotes", .fields("Connection: \"close\"")),
                .served("1.0", .raw("GET / HTTP/1.0\r\nHost: x\r\n\r\n"), [200], .closes),
                .served("1.0 with keep-alive", .raw("GET / HTTP/1.0\r\nConnection: x, Keep-Alive\r\n\r\n")),
                .served(
                    "1.0 with both",
                    .raw("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n"),
                    [200],
                    .closes
                ),
            ],
            tests: ["ConnectionTests.closes"]
        ),
        FramingRule(
            "9112, 9.3",
            "All of a request's content must be read, or the connection close behind the response.",
            "Reads and drops up to 256 KiB that the handler did not want, and closes where there is more.",
            tests: [
                "ConnectionBodyTests.unreadSmall", "ConnectionBodyTests.unreadLarge",
                "ConnectionBodyTests.unreadChunks", "ConnectionBodyTests.continueRefused",
            ]
        ),
        FramingRule(
            "9110, 7.6.1",
            "Connection must not name fields that are for all recipients.",
            "They count all the same, whatever it names: nothing that frames a request can be taken away.",
            [
                .served("Content-Length", .post("Connection: content-length\r\nContent-Length: 5", "hello")),
                .served("Host", .fields("Connection: host")),
                .served(
                    "Transfer-Encoding",
                    .post("Connection: transfer-encoding\r\nTransfer-Encoding: chunked", "0\r\n\r\n")
                ),
            ]
        ),
        FramingRule(
            "9112, 9.3.2",
            "Pipelined requests must be answered in the order they came.",
            "One after the other; a request that is refused ends them.",
            [
                .served("three requests", .raw(next + next + next), [200, 200, 200]),
                .refused("the third is refused", .raw(next + next + "BAD\r\n\r\n"), 400, "H1-LINE", after: 2),
            ],
            tests: ["ConnectionTests.pipelined", "ConnectionTests.pipelinedAsync"]
        ),
        FramingRule(
            "9112, 9.6",
            "After `close` no further request may be processed; the last response must not be lost to a reset.",
            "Answers nothing behind it; reads and drops for a moment before it closes.",
            [
                .served(
                    "a request behind",
                    .raw("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n\(next)"),
                    [200],
                    .closes
                )
            ],
            tests: ["ConnectionTests.pipelinedAfterClose"]
        ),
        FramingRule(
            "9112, 9.6",
            "A server that sends `close` itself must close behind that response, and process nothing further.",
            "Does so where a handler asks for it, a connection has brought all requests it may, or the server drains.",
            tests: [
                "ConnectionAnswerTests.handlerCloses", "ConnectionAnswerTests.requestsPerConnection",
                "HTTPServerDrainTests.drain",
            ]
        ),
        FramingRule(
            "9112, 8",
            "A request that ends in the middle is incomplete.",
            "Never reaches a handler as a whole one: before its header section ends it is dropped, within content reading fails.",
            [
                .served("within the line", .raw("GET / HT"), [], .waits),
                .served("within the fields", .raw("GET / HTTP/1.1\r\nHost: x\r\n"), [], .waits),
            ],
            tests: ["ConnectionTests.endsEarly", "ConnectionBodyTests.clientLeft"]
        ),
        FramingRule(
            "9110, 5.3",
            "A request must not be applied before all of its header section is there.",
            "Calls no handler before; whatever follows may still change what the request means.",
            [
                .served("the last field is cut", .raw("GET / HTTP/1.1\r\nHost: x\r\nIf-None-M"), [], .waits),
                .served("the empty line is cut", .raw("GET / HTTP/1.1\r\nHost: x\r\n\r"), [], .waits),
            ]
        ),
        FramingRule(
            "9110, 10.1.1",
            "`100-continue` of 1.0 must be ignored; other expectations may be answered 417.",
            "Says `100 Continue` once somebody reads the content, and not to who has sent some of it.",
            [
                .served(
                    "1.0",
                    .raw("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n!"),
                    [200],
                    .closes
                ),
                .served("without content", .fields("Expect: 100-Continue")),
                .refused("another", .fields("Expect: 200-ok"), 417, "H1-EXPECT"),
                .refused("empty", .fields("Expect:"), 417, "H1-EXPECT"),
                .refused("a list", .fields("Expect: 100-continue, x"), 417, "H1-EXPECT"),
            ],
            tests: ["ConnectionBodyTests.continues", "ConnectionBodyTests.continueRefused"]
        ),
        FramingRule(
            "9110, 7.8",
            "Upgrade may be ignored, and must be in 1.0.",
            "Ignores it: the request is answered in HTTP/1.1, and so is the next.",
            [
                .served(
                    "h2c",
                    .fields("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk")
                ),
                .served("websocket", .fields("Connection: upgrade\r\nUpgrade: websocket")),
            ]
        ),
        FramingRule(
            "9110, 9.3.2",
            "The answer to HEAD has no content.",
            "Sends none; the next answer stands where it is expected.",
            [.served("a request behind", .raw("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n\(next)"), [200, 200])],
            tests: ["ConnectionTests.head"]
        ),
        FramingRule(
            "9112, 6.1",
            """
            Transfer-Encoding must not be sent to a client of 1.0, nor with a status that has no content, nor in answer to CONNECT; \
            chunked is applied once, and last.
            """,
            """
            Ends a stream of unknown length by the end of the connection there, frames nothing where nothing follows, and refuses a \
            handler's own Transfer-Encoding. CONNECT is never answered with 2xx.
            """,
            tests: [
                "ResponseEncoderTests.streams", "ResponseEncoderTests.withoutBody",
                "ResponseEncoderTests.framingFields", "ConnectionStreamTests.oldClient",
            ]
        ),
        FramingRule(
            "9110, 5.5",
            "A sender must not put CR, LF or NUL into a field value.",
            "Refuses a response with a control character in a field, with 500 and a line in the log.",
            tests: ["ConnectionAnswerTests.lineEnds", "ResponseEncoderTests.control"]
        ),
        FramingRule(
            "9110, 15.3.6",
            "A response with 205 must have no content.",
            "Refuses one that has, with 500 and a line in the log.",
            tests: ["ResponseEncoderTests.resetContent"]
        ),
        FramingRule(
            "9110, 15.5.14",
            "Content larger than a server wants to process may be answered 413.",
            "Allows 1 MiB unless said otherwise; reading on fails for the handler, and the connection closes.",
            tests: ["ConnectionBodyTests.chunksTooLarge"]
        ),
        FramingRule(
            "9110, 15.5.9",
            "A request that does not arrive in the time that a server is prepared to wait is answered 408.",
            "The header section has a time in all (`H1-HEADER-TIMEOUT`), content one between two arrivals (`H1-BODY-TIMEOUT`).",
            tests: ["ConnectionDeadlineTests.header"]
        ),
    ]
}
