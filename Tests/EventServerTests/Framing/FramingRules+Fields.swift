extension FramingRule {
    static let fields: [FramingRule] = [
        FramingRule(
            "9112, 5.1",
            "A blank between a field's name and its colon must be answered 400.",
            "Refuses it, and whatever else is no token in front of the colon.",
            [
                .refused("blank before the colon", .fields("B : c"), 400, "H1-FIELD-NAME"),
                .refused("tab before the colon", .fields("B\t: c"), 400, "H1-FIELD-NAME"),
                .refused("blank in Content-Length", .fields("Content-Length : 5"), 400, "H1-FIELD-NAME"),
                .refused("blank in Transfer-Encoding", .fields("Transfer-Encoding : chunked"), 400, "H1-FIELD-NAME"),
                .refused("no name", .fields(": c"), 400, "H1-FIELD-NAME"),
                .refused("no colon", .fields("B"), 400, "H1-FIELD-NAME"),
                .refused("a blank in the name", .fields("B c: d"), 400, "H1-FIELD-NAME"),
                .refused("NUL in the name", .fields("B\0: c"), 400, "H1-FIELD-NAME"),
                .refused("vertical tab in the name", .fields("\u{B}Transfer-Encoding: chunked"), 400, "H1-FIELD-NAME"),
                .refused("a byte above ASCII in the name", .fields("\u{E9}: c"), 400, "H1-FIELD-NAME"),
                .refused("a parenthesis in the name", .fields("B(c): d"), 400, "H1-FIELD-NAME"),
                .served("all token characters", .fields("!#$%&'*+-.^_`|~9: c")),
                .served("blanks around the value", .fields("B: \t c \t")),
                .served("an empty value", .fields("B:")),
            ]
        ),
        FramingRule(
            "9112, 5.2",
            "A server must refuse a folded line with 400, or replace the fold by spaces.",
            "Refuses it.",
            [
                .refused("folded by a blank", .fields("B: c\r\n d"), 400, "H1-FOLD"),
                .refused("folded by a tab", .fields("B: c\r\n\td"), 400, "H1-FOLD"),
                .refused(
                    "a folded Transfer-Encoding",
                    .fields("Transfer-Encoding: chunked\r\n , identity"),
                    400,
                    "H1-FOLD"
                ),
                .refused("folded trailer", .chunks("0\r\nA: b\r\n c\r\n\r\n"), 400, "H1-TRAILER"),
            ]
        ),
        FramingRule(
            "9112, 5.2",
            "A sender must not fold lines.",
            "Refuses a response with a line end in a field.",
            tests: ["ConnectionAnswerTests.lineEnds", "ConnectionAnswerTests.wrongResponse"]
        ),
        FramingRule(
            "9110, 5.5",
            "CR, LF and NUL in a value are dangerous: the message must be rejected, or they replaced by spaces.",
            "Refuses them, and all other control characters but the tab.",
            [
                .refused("NUL", .fields("B: c\0d"), 400, "H1-FIELD-VALUE"),
                .refused("NUL that ends a length", .fields("Content-Length: 5\0"), 400, "H1-FIELD-VALUE"),
                .refused("SOH", .fields("B: \u{1}"), 400, "H1-FIELD-VALUE"),
                .refused("vertical tab", .fields("Transfer-Encoding: \u{B}chunked"), 400, "H1-FIELD-VALUE"),
                .refused("DEL", .fields("B: \u{7F}"), 400, "H1-FIELD-VALUE"),
                .served("a tab", .fields("B: c\td")),
                .served("bytes above ASCII", .fields("B: \u{E9}")),
            ]
        ),
        FramingRule(
            "9110, 5.4",
            "Fields or sections larger than a server wants to process must be answered with a 4xx.",
            "Allows `limits.header` bytes and `limits.fieldCount` fields, 64 KiB and 100 unless said otherwise.",
            [
                .refused(
                    "a section of 64 KiB",
                    Sent(
                        "GET / HTTP/1.1\r\nHost: x\r\nB: \(String(repeating: "c", count: 65_536))\r\n\r\n",
                        shown: "B: ccc…"
                    ),
                    431,
                    "H1-HEADER-LARGE"
                ),
                .refused(
                    "101 fields",
                    Sent(
                        "GET / HTTP/1.1\r\nHost: x\r\n\(String(repeating: "B: c\r\n", count: 100))\r\n",
                        shown: "B: c\r\nB: c\r\n…"
                    ),
                    431,
                    "H1-HEADER-COUNT"
                ),
            ],
            tests: ["RequestRefusalTests.boundary"]
        ),
    ]

    static let hosts: [FramingRule] = [
        FramingRule(
            "9112, 3.2",
            "A 1.1 request without Host, and any request with two of them, must be answered 400.",
            "Refuses them.",
            [
                .refused("no fields at all", .raw("GET / HTTP/1.1\r\n\r\n"), 400, "H1-HOST-MISSING"),
                .refused("no Host", .host("A: b"), 400, "H1-HOST-MISSING"),
                .refused("two of them", .host("Host: x\r\nHost: y"), 400, "H1-HOST-DUP"),
                .refused("two of them, alike", .host("Host: x\r\nhOST: x"), 400, "H1-HOST-DUP"),
                .refused(
                    "two of them in 1.0",
                    .raw("GET / HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n"),
                    400,
                    "H1-HOST-DUP"
                ),
                .served("none in 1.0", .raw("GET / HTTP/1.0\r\n\r\n"), [200], .closes),
            ]
        ),
        FramingRule(
            "9112, 3.2",
            "A request with an invalid Host must be answered 400.",
            "Takes a name, an IPv4 or IPv6 address, with or without a port. An empty value is valid, and names no host.",
            [
                .served("a port", .host("Host: x:65535")),
                .served("an empty port", .host("Host: x:")),
                .served("IPv6", .host("Host: [2001:db8::1]:443")),
                .served("IPv6 with IPv4", .host("Host: [::ffff:127.0.0.1]")),
                .served("an encoded name", .host("Host: %C3%A9.example")),
                .served("empty", .host("Host:")),
                .refused("a port beyond TCP's", .host("Host: x:65536"), 400, "H1-HOST-INVALID"),
                .refused("99999", .host("Host: x:99999"), 400, "H1-HOST-INVALID"),
                .refused("a port with a sign", .host("Host: x:+80"), 400, "H1-HOST-INVALID"),
                .refused("a port with letters", .host("Host: x:80a"), 400, "H1-HOST-INVALID"),
                .refused("two ports", .host("Host: x:1:2"), 400, "H1-HOST-INVALID"),
                .refused("a port alone", .host("Host: :80"), 400, "H1-HOST-INVALID"),
                .refused("two hosts", .host("Host: x, y"), 400, "H1-HOST-INVALID"),
                .refused("a blank", .host("Host: x y"), 400, "H1-HOST-INVALID"),
                .refused("a path", .host("Host: x/y"), 400, "H1-HOST-INVALID"),
                .refused("a backslash", .host("Host: x\\y"), 400, "H1-HOST-INVALID"),
                .refused("a query", .host("Host: x?y"), 400, "H1-HOST-INVALID"),
                .refused("a fragment", .host("Host: x#y"), 400, "H1-HOST-INVALID"),
                .refused("a URL", .host("Host: http://x"), 400, "H1-HOST-INVALID"),
                .refused("user information", .host("Host: u@x"), 400, "H1-HOST-INVALID"),
                .refused("a percent sign alone", .host("Host: x%zz"), 400, "H1-HOST-INVALID"),
                .refused("a cut encoding", .host("Host: x%4"), 400, "H1-HOST-INVALID"),
                .refused("a byte above ASCII", .host("Host: \u{E9}"), 400, "H1-HOST-INVALID"),
                .refused("an open bracket", .host("Host: [::1"), 400, "H1-HOST-INVALID"),
                .refused("nothing in brackets", .host("Host: []"), 400, "H1-HOST-INVALID"),
                .refused("text behind brackets", .host("Host: [::1]x"), 400, "H1-HOST-INVALID"),
                .refused("too many groups", .host("Host: [1:2:3:4:5:6:7:8:9]"), 400, "H1-HOST-INVALID"),
                .refused("too few groups", .host("Host: [1:2]"), 400, "H1-HOST-INVALID"),
                .refused("two gaps", .host("Host: [1::2::3]"), 400, "H1-HOST-INVALID"),
                .refused("three colons", .host("Host: [:::]"), 400, "H1-HOST-INVALID"),
                .refused("a group of five digits", .host("Host: [12345::]"), 400, "H1-HOST-INVALID"),
                .refused("256 in IPv4", .host("Host: [::1.2.3.256]"), 400, "H1-HOST-INVALID"),
                .refused("IPv4 in the middle", .host("Host: [::1.2.3.4:5]"), 400, "H1-HOST-INVALID"),
                .refused("a zone", .host("Host: [fe80::1%25eth0]"), 400, "H1-HOST-INVALID"),
                .refused("IPv4 in brackets", .host("Host: [127.0.0.1]"), 400, "H1-HOST-INVALID"),
            ]
        ),
    ]
}
