import Testing

/// One demand of the RFCs, what Baton does about it, and what proves that it does.
struct FramingRule: Sendable {
    /// RFC and section, such as `9112, 6.1`.
    let section: String
    /// What the section asks of a server.
    let demand: String
    /// What Baton does.
    let answer: String
    let cases: [FramingCase]
    /// Tests of other suites that prove it, as `Suite.test`.
    let tests: [String]

    init(_ section: String, _ demand: String, _ answer: String, _ cases: [FramingCase] = [], tests: [String] = []) {
        self.section = section
        self.demand = demand
        self.answer = answer
        self.cases = cases
        self.tests = tests
    }

    static let all = lines + targets + fields + hosts + lengths + encodings + chunks + connections
}

/// Some bytes, and what becomes of them.
struct FramingCase: Sendable, CustomTestStringConvertible {
    enum End: String, Sendable {
        case stays
        case closes
        /// The server waits for more of the request.
        case waits
    }

    let name: String
    let bytes: [UInt8]
    /// What the documentation shows of the bytes.
    let shown: String
    /// The statuses of all responses.
    let answers: [Int]
    /// Why the last request is refused.
    let code: String?
    let end: End

    var testDescription: String { name }

    /// A request that is refused, after so many that are answered with 200.
    static func refused(
        _ name: String,
        _ sent: Sent,
        _ status: Int,
        _ code: String,
        after count: Int = 0
    ) -> FramingCase {
        let answers = [Int](repeating: 200, count: count) + [status]
        return FramingCase(name: name, bytes: sent.bytes, shown: sent.shown, answers: answers, code: code, end: .closes)
    }

    /// Requests that are answered.
    static func served(_ name: String, _ sent: Sent, _ answers: [Int] = [200], _ end: End = .stays) -> FramingCase {
        FramingCase(name: name, bytes: sent.bytes, shown: sent.shown, answers: answers, code: nil, end: end)
    }
}

/// Bytes to send, and the part of them that matters.
struct Sent: Sendable {
    let bytes: [UInt8]
    let shown: String

    init(_ text: String, shown: String? = nil) {
        bytes = Array(text.utf8)
        self.shown = shown ?? text
    }

    init(bytes: [UInt8], shown: String) {
        self.bytes = bytes
        self.shown = shown
    }

    /// Everything.
    static func raw(_ text: String) -> Sent { Sent(text) }

    /// A request line, in an otherwise valid request.
    static func line(_ line: String) -> Sent { Sent("\(line)\r\nHost: x\r\n\r\n", shown: line) }

    /// Fields, in an otherwise valid GET.
    static func fields(_ fields: String) -> Sent {
        Sent("GET / HTTP/1.1\r\nHost: x\r\n\(fields)\r\nA: b\r\n\r\n", shown: fields)
    }

    /// The only fields of a GET.
    static func host(_ fields: String) -> Sent { Sent("GET / HTTP/1.1\r\n\(fields)\r\n\r\n", shown: fields) }

    /// Fields and a body.
    static func post(_ fields: String, _ body: String) -> Sent {
        Sent("POST / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n\r\n\(body)", shown: "\(fields)\r\n\r\n\(body)")
    }

    /// A body in chunks.
    static func chunks(_ body: String) -> Sent {
        Sent("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(body)", shown: body)
    }
}
