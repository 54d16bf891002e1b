import EventServer
import Middleware
import TestSupport
import Testing

@Suite struct RequestValuesTests {
    @Test(arguments: [
        ("a=1", "1"), ("b=2; a=1", "1"), ("b=2;a=1", "1"), ("a=1; a=2", "1"), ("a=\"x y\"", "x y"), ("a=\"", "\""),
        ("a=", ""),
        ("a=x=y", "x=y"), ("a=1 ; b=2", "1"), ("b=2;\ta=1", "1"), (" a = 1", nil), ("aa=1; ab=2", nil), ("A=1", nil),
        ("a", nil), ("", nil),
        ("; ;", nil),
        // By characters, a separator before a combining accent would be none.
        ("b=1;\u{301}=2; a=\u{301}3", "\u{301}3"), ("b=1;\u{301};a=4", "4"), ("b=\";a=5", "5"), ("a=6;\u{301}b=7", "6"),
    ])
    func `a cookie is found by its name`(_ field: String, _ value: String?) throws {
        #expect(try Request.test(fields: ["Cookie: \(field)"]).cookie("a") == value)
    }

    @Test func `cookies may come in several fields`() throws {
        #expect(try Request.test(fields: ["Cookie: b=2", "Cookie: a=1"]).cookie("a") == "1")
        #expect(try Request.test().cookie("a") == nil)
    }

    @Test func `cookies are told apart by bytes, however they are made up`() throws {
        var random = SeededGenerator(seed: 8)
        let pieces = ["a", "b", "aa", "=", ";", "; ", " ", "\t", "\"", ",", "\u{301}", "é", "%3B", "1", "\u{200d}"]
        for _ in 0..<3000 {
            let field = (0..<Int.random(in: 1..<14, using: &random))
                .map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let request = try Request.test(fields: ["Cookie: \(field)"])
            #expect(request.cookie("a") == Self.cookie(Array("a".utf8), in: Array(field.utf8)), "\(field)")
        }
    }

    /// The same by hand, byte for byte.
    private static func cookie(_ name: [UInt8], in field: [UInt8]) -> String? {
        func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
            var bytes = bytes
            while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
            return bytes
        }
        for pair in trimmed(field.drop { $0 == 0x20 || $0 == 0x09 }).split(separator: UInt8(ascii: ";")) {
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
            guard pair[..<equals].drop(while: { $0 == 0x20 || $0 == 0x09 }).elementsEqual(name) else { continue }
            var value = trimmed(pair[(equals + 1)...])
            let quote = UInt8(ascii: "\"")
            if value.count >= 2, value.first == quote, value.last == quote { value = value.dropFirst().dropLast() }
            return String(decoding: value, as: UTF8.self)
        }
        return nil
    }
}
