import Testing

@testable import Middleware

@Suite struct PercentEncodingTests {
    @Test(arguments: [
        ("", ""), ("plain", "plain"), ("a%20b", "a b"), ("%e2%82%ac", "€"), ("%E2%82%AC", "€"), ("%00", "\0"),
        ("a+b", "a+b"),
        ("%2B", "+"), ("%25", "%"), ("%2525", "%25"), ("%F0%9F%98%80", "😀"),
    ])
    func `every pair of digits is one byte`(_ text: String, _ decoded: String) {
        #expect(PercentEncoding.decode(text[...]) == decoded)
    }

    @Test(arguments: [
        "%", "a%", "%2", "%g0", "%0g", "% 0", "%%20", "%+1", "%ff", "%c3", "%80", "%C0%AF", "%ED%A0%80", "%F5%80%80%80",
    ])
    func `broken pairs and what is not UTF-8 are nothing`(_ text: String) {
        #expect(PercentEncoding.decode(text[...]) == nil)
    }

    @Test func `a plus is a blank in forms alone`() {
        #expect(PercentEncoding.decode("a+b%2Bc", plusIsBlank: true) == "a b+c")
        #expect(PercentEncoding.decode("a+b%2Bc") == "a+b+c")
    }
}
