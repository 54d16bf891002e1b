import HTTPTypes
import TestSupport
import Testing

@testable import Middleware

@Suite struct MultipartParserTests {
    /// What became of a body.
    struct Transcript: Equatable {
        var parts: [String] = []
        var isEnded = false
        var error: ContentError?
    }

    private static func parse(_ pieces: [ArraySlice<UInt8>], _ limits: MultipartLimits) throws -> Transcript {
        let type = FieldParameters("multipart/form-data; boundary=b0")
        var parser = MultipartParser(boundary: try MultipartBoundary(type), limits: limits)
        var transcript = Transcript()
        var content: [UInt8] = []
        func drain() throws(ContentError) {
            while let event = try parser.next() {
                switch event {
                case .part(let head): transcript.parts.append("\(head.name)|\(head.filename ?? "-")|")
                case .content(let bytes): content += bytes
                case .partEnd:
                    transcript.parts[transcript.parts.count - 1] += String(decoding: content, as: UTF8.self)
                    content = []
                case .end:
                    transcript.isEnded = true
                    return
                }
            }
        }
        do throws(ContentError) {
            for piece in pieces {
                parser.receive(Array(piece))
                try drain()
            }
            parser.finish()
            try drain()
        } catch {
            transcript.error = error
        }
        return transcript
    }

    /// What becomes of a body, which must be the same however it arrives: whole, byte by byte, and in two at each place.
    private func parse(_ bytes: [UInt8], _ limits: MultipartLimits = MultipartLimits()) throws -> Transcript {
        let whole = try Self.parse([bytes[...]], limits)
        #expect(try Self.parse(bytes.indices.map { bytes[$0...$0] }, limits) == whole)
        for place in stride(from: 1, to: bytes.count, by: max(1, bytes.count / 400)) {
            #expect(try Self.parse([bytes[..<place], bytes[place...]], limits) == whole)
        }
        return whole
    }

    private func parse(_ text: String, _ limits: MultipartLimits = MultipartLimits()) throws -> Transcript {
        try parse(Array(text.utf8), limits)
    }

    private func part(_ disposition: String, _ content: String = "") -> String {
        "--b0\r\nContent-Disposition: \(disposition)\r\n\r\n\(content)\r\n"
    }

    private func form(_ disposition: String, _ content: String = "") -> String {
        part(disposition, content) + "--b0--\r\n"
    }

    @Test func `parts come with their names and contents`() throws {
        let body =
            part("form-data; name=a", "1") + part("form-data; name=\"b\"; filename=\"f.txt\"", "x\r\ny") + "--b0--"
        #expect(try parse(body) == Transcript(parts: ["a|-|1", "b|f.txt|x\r\ny"], isEnded: true))
    }

    @Test(arguments: [
        "--b0--", "--b0--\r\n", "preamble\r\n--b0--\r\nepilogue --b0\r\n--b0\r\n", "\r\n--b0--", "--b\r\n--b0--",
    ])
    func `preamble and epilogue are ignored, and there may be no part`(_ body: String) throws {
        #expect(try parse(body) == Transcript(isEnded: true))
    }

    @Test(arguments: [
        "", "\r\n", "\r\n\r\n", "\r\n--b", "\r\n-\r\n--\r\n--b\r\n--b1", "\n--b0\n", "\r--b0",
        "\r\r\n\r",
    ])
    func `content that is almost a boundary is content`(_ content: String) throws {
        #expect(try parse(form("form-data; name=a", content)) == Transcript(parts: ["a|-|\(content)"], isEnded: true))
    }

    @Test func `a part without content may have no line for it`() throws {
        let body = "--b0\r\nContent-Disposition: form-data; name=a\r\n\r\n--b0--\r\n"
        #expect(try parse(body) == Transcript(parts: ["a|-|"], isEnded: true))
    }

    @Test(arguments: [
        (#"form-data; name="a"; filename="x%22y%0D%0A.t%25xt""#, "a|x\"y\r\n.t%25xt|"),
        (#"form-data; name="a"; filename="x\"\\y\z""#, "a|z|"),
        (#"form-data; name="a"; filename="C:\new\f.txt""#, "a|f.txt|"),
        (#"form-data; name="a"; filename="../../etc/passwd""#, "a|passwd|"),
        (#"form-data; name="a"; filename="..""#, "a||"), (#"form-data; name="a"; filename="""#, "a||"),
        (#"form-data; name="a"; filename*=UTF-8''b.txt"#, "a|-|"),
        (#"FORM-DATA;NAME=a ; FileName="é;=.txt" ;"#, "a|é;=.txt|"), (#"form-data; name="""#, "|-|"),
    ])
    func `names are read as browsers write them`(_ disposition: String, _ result: String) throws {
        #expect(try parse(form(disposition)) == Transcript(parts: [result], isEnded: true))
    }

    @Test(arguments: [
        "form-data", "form-data; filename=a", "attachment; name=a", "form-data; name=a; name=b", "form-data; name",
        "form-data; name=\"a", "form-data; name=a; filename=b; filename=c", "form-data name=a", "form-data; name=a b",
        "form-data; name=a\r\nContent-Disposition: form-data; name=b", "form-data; name=a\r\n folded", "a\u{1}",
        "form-data; name=a\nX: y", "form-data; name=a\rX: y", "form-data; name=a\r\nno field",
        "form-data; name=a\r\n: x",
    ])
    func `a broken head is malformed`(_ disposition: String) throws {
        #expect(try parse(form(disposition)).error?.code == .malformed)
    }

    @Test func `a part without a head is malformed, and an encoded one unsupported`() throws {
        #expect(try parse("--b0\r\n\r\nx\r\n--b0--").error?.code == .malformed)
        let encoded = form("form-data; name=a\r\nContent-Transfer-Encoding: base64", "eA==")
        #expect(try parse(encoded).error?.code == .unsupportedType)
    }

    @Test(arguments: [
        "", "x", "--b0", "--b0\r", "--b0-", "--b0--\r", "--b0--x", "--b0x", "--b0 \r\n", "--b0\n", "--b0\r\nA: b",
        "--b1--",
        "--b0\r\nContent-Disposition: form-data; name=a\r\n\r\nx",
        "--b0\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b0",
        "--b0\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b0more\r\n",
        "--b0\r\nContent-Disposition: form-data; name=a\r\n\r\nx\n--b0--",
    ])
    func `a body that is cut off, or has other characters at a boundary, is malformed`(_ body: String) throws {
        let transcript = try parse(body)
        #expect(transcript.error?.code == .malformed)
        #expect(!transcript.isEnded)
    }

    @Test func `parts, header sections and their fields are limited`() throws {
        var limits = MultipartLimits()
        limits.partCount = 2
        limits.headerSize = 60
        limits.headerCount = 2
        let one = part("form-data; name=a")
        #expect(try parse(one + one + "--b0--", limits).isEnded)
        #expect(try parse(one + one + one + "--b0--", limits).error?.code == .tooMany)
        #expect(try parse(form("form-data; name=a\r\nA: b"), limits).isEnded)
        #expect(try parse(form("form-data; name=a\r\nA:\r\nB:"), limits).error?.code == .malformed)
        #expect(
            try parse(form("form-data; name=a" + String(repeating: "a", count: 60)), limits).error?.code == .malformed
        )
        #expect(try parse("--b0\r\n" + String(repeating: "a", count: 1000), limits).error?.code == .malformed)
    }

    @Test(arguments: [
        "b", "'()+_,-./:=?", "a b", String(repeating: "x", count: 70), "----WebKitFormBoundary7MA4YWxkTrZu0gW",
    ])
    func `a boundary of the rules is taken`(_ boundary: String) throws {
        let type = FieldParameters("Multipart/Form-Data; charset=utf-8; boundary=\"\(boundary)\"")
        #expect(try MultipartBoundary(type).bytes == Array(boundary.utf8))
    }

    @Test(arguments: [
        "boundary=\"\"", "boundary=", "boundary=\"a \"", "boundary=\"a\u{E9}\"", "boundary=a; boundary=a", "x=y",
        "boundary=\"a\r\"", "boundary=\"" + String(repeating: "x", count: 71) + "\"", "boundary=\"a",
    ])
    func `a boundary against the rules is refused`(_ parameters: String) {
        #expect(throws: ContentError.self) {
            try MultipartBoundary(FieldParameters("multipart/form-data; \(parameters)"))
        }
    }

    @Test func `almost-boundaries cost no more than other content`() throws {
        let body = Array(form("form-data; name=a", String(repeating: "\r\n--b", count: 40_000)).utf8)
        let clock = ContinuousClock()
        let small = try Self.parse(body.indices.map { body[$0...$0] }, MultipartLimits())
        #expect(small.isEnded)
        // Quadratic work on a megabyte would take minutes; the limit is that of a slow machine.
        let large = Array(form("form-data; name=a", String(repeating: "\r\n--b", count: 200_000)).utf8)
        #expect(try clock.measure { _ = try Self.parse([large[...]], MultipartLimits()) } < .seconds(20))
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `mutated bodies are read the same whole and in pieces`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let valid =
            part("form-data; name=\"a%22\"", "1\r\n--b") + part("form-data; name=b; filename=\"c\\\"\"", "\r\n")
            + "--b0--\r\n"
        let words = [
            "\r\n", "\n", "--", "--b0", "\r\n--b0\r\n", "\"", ";", "\\", "%22", "\u{0}", "name=", ":", "\r\n\r\n",
        ]
        var small = MultipartLimits()
        small.partCount = 2
        small.headerSize = 70
        for round in 0..<2000 {
            let bytes = random.mutant(of: valid, with: words)
            let limits = round % 2 == 0 ? small : MultipartLimits()
            let whole = try Self.parse([bytes[...]], limits)
            #expect(whole.isEnded != (whole.error != nil))
            var pieces: [ArraySlice<UInt8>] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...12, using: &random)
                pieces.append(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            #expect(try Self.parse(pieces, limits) == whole, "seed \(seed), round \(round)")
        }
    }
}
