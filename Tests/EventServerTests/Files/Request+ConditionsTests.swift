import TestSupport
import Testing

@testable import EventServer

@Suite("The conditions of a request")
struct RequestConditionsTests {
    private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    private static let earlier = "Sun, 06 Nov 1994 08:49:36 GMT"
    private static let later = "Sunday, 06-Nov-94 08:49:38 GMT"
    private static let seconds = 784_111_777

    private func result(
        _ fields: [String],
        method: String = "GET",
        tag: EntityTag? = EntityTag("a"),
        lastModified: Int? = seconds,
        exists: Bool = true
    ) throws -> ConditionResult {
        try Request.test(method: method, fields: fields).evaluate(etag: tag, lastModified: lastModified, exists: exists)
    }

    /// Fields, and what they come to for GET and for PUT.
    struct Row: Sendable, CustomTestStringConvertible {
        let fields: [String]
        let get: ConditionResult
        let put: ConditionResult

        init(_ fields: [String], _ get: ConditionResult, _ put: ConditionResult) {
            self.fields = fields
            self.get = get
            self.put = put
        }

        var testDescription: String { fields.joined(separator: " + ") }
    }

    static let rows = [
        Row([], .proceed, .proceed),
        Row(["If-Match: \"a\""], .proceed, .proceed),
        Row(["If-Match: \"b\", \"a\""], .proceed, .proceed),
        Row(["If-Match: \"b\"", "If-Match: \"a\""], .proceed, .proceed),
        Row(["If-Match: *"], .proceed, .proceed),
        Row(["If-Match: \"b\""], .failed, .failed),
        Row(["If-Match: W/\"a\""], .failed, .failed),
        Row(["If-Match: a"], .failed, .failed),
        Row(["If-Match:"], .failed, .failed),
        Row(["If-None-Match: \"a\""], .notModified, .failed),
        Row(["If-None-Match: W/\"a\""], .notModified, .failed),
        Row(["If-None-Match: \"b\", W/\"a\""], .notModified, .failed),
        Row(["If-None-Match: *"], .notModified, .failed),
        Row(["If-None-Match: \"b\""], .proceed, .proceed),
        Row(["If-None-Match: a"], .proceed, .proceed),
        Row(["If-Modified-Since: \(date)"], .notModified, .proceed),
        Row(["If-Modified-Since: \(later)"], .notModified, .proceed),
        Row(["If-Modified-Since: \(earlier)"], .proceed, .proceed),
        Row(["If-Modified-Since: soon"], .proceed, .proceed),
        Row(["If-Modified-Since: \(date)", "If-Modified-Since: \(date)"], .proceed, .proceed),
        Row(["If-Unmodified-Since: \(date)"], .proceed, .proceed),
        Row(["If-Unmodified-Since: \(later)"], .proceed, .proceed),
        Row(["If-Unmodified-Since: \(earlier)"], .failed, .failed),
        Row(["If-Unmodified-Since: soon"], .proceed, .proceed),
        // Precedence: a tag goes before a date, and what must hold before what must not.
        Row(["If-Match: \"a\"", "If-Unmodified-Since: \(earlier)"], .proceed, .proceed),
        Row(["If-Match: \"b\"", "If-Unmodified-Since: \(later)"], .failed, .failed),
        Row(["If-None-Match: \"b\"", "If-Modified-Since: \(later)"], .proceed, .proceed),
        Row(["If-None-Match: \"a\"", "If-Modified-Since: \(earlier)"], .notModified, .failed),
        Row(["If-Match: \"b\"", "If-None-Match: \"a\""], .failed, .failed),
        Row(["If-Match: \"a\"", "If-None-Match: \"a\""], .notModified, .failed),
        Row(["If-Unmodified-Since: \(earlier)", "If-None-Match: \"a\""], .failed, .failed),
        Row(["If-Unmodified-Since: \(date)", "If-Modified-Since: \(date)"], .notModified, .proceed),
    ]

    @Test("are weighed in their order", arguments: rows)
    func order(row: Row) throws {
        #expect(try result(row.fields) == row.get)
        #expect(try result(row.fields, method: "HEAD") == row.get)
        #expect(try result(row.fields, method: "PUT") == row.put)
        #expect(try result(row.fields, method: "OPTIONS") == .proceed)
    }

    @Test("on what does not exist")
    func missing() throws {
        for fields in ["*", "\"a\""] {
            #expect(try result(["If-Match: \(fields)"], method: "PUT", tag: nil, exists: false) == .failed)
            #expect(try result(["If-None-Match: \(fields)"], method: "PUT", tag: nil, exists: false) == .proceed)
        }
    }

    @Test("on what has no tag, or no date")
    func unknown() throws {
        #expect(try result(["If-Match: \"a\""], tag: nil) == .failed)
        #expect(try result(["If-Match: *"], tag: nil) == .proceed)
        #expect(try result(["If-None-Match: \"a\""], tag: nil) == .proceed)
        #expect(try result(["If-Modified-Since: \(Self.later)"], lastModified: nil) == .proceed)
        #expect(try result(["If-Unmodified-Since: \(Self.earlier)"], lastModified: nil) == .proceed)
    }

    @Test("a weak tag is good enough for a cache, and for nothing else")
    func weak() throws {
        let tag = EntityTag("a", isWeak: true)
        #expect(try result(["If-None-Match: \"a\""], tag: tag) == .notModified)
        #expect(try result(["If-Match: W/\"a\""], tag: tag) == .failed)
    }

    @Test(
        "a range is taken only of the version that the client has",
        arguments: [
            ("\"a\"", true), ("W/\"a\"", false), ("\"b\"", false), ("a", false), ("*", false), ("", false),
            (date, true), (earlier, false), (later, false), ("soon", false),
        ]
    )
    func ifRange(value: String, isTaken: Bool) throws {
        let request = try Request.test(fields: ["Range: bytes=0-1", "If-Range: \(value)"])
        let strong = Validators(entityTag: EntityTag("a"), lastModified: Self.seconds)
        #expect(request.ranges(of: 10, validators: strong) == (isTaken ? .ranges([0..<2]) : .whole))
        let weak = Validators(entityTag: EntityTag("a", isWeak: true), lastModified: nil)
        #expect(request.ranges(of: 10, validators: weak) == .whole)
    }

    @Test("a range is for GET, and given once")
    func rangeOnce() throws {
        let validators = Validators()
        for method in ["HEAD", "POST", "PUT"] {
            let request = try Request.test(method: method, fields: ["Range: bytes=0-1"])
            #expect(request.ranges(of: 10, validators: validators) == .whole)
        }
        let twice = try Request.test(fields: ["Range: bytes=0-1", "Range: bytes=0-1"])
        #expect(twice.ranges(of: 10, validators: validators) == .whole)
        let doubted = try Request.test(fields: ["Range: bytes=0-1", "If-Range: \"a\"", "If-Range: \"a\""])
        #expect(doubted.ranges(of: 10, validators: Validators(entityTag: EntityTag("a"))) == .whole)
    }
}
