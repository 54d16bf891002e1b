import TestSupport
import Testing

@testable import EventServer

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("192.0.2.1", "192.0.2.1"),
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("2001:DB8::1", "2001:db8::1"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("::ffff:1.2.3.4", "1.2.3.4"), ("::ffff:7f00:1", "127.0.0.1"), ("::fffe:1.2.3.4", "::fffe:102:304"),
        ("fe80::1", "fe80::1"),
        ("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ])
    func figuresAreReadAndWrittenInOneWay(text: String, written: String) {
        #expect(IPAddress(text)?.description == written)
        #expect(IPAddress(written) == IPAddress(text))
    }

    @Test(arguments: [
        "", ".", ":", ":::", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "+1.2.3.4", "1.2.3.",
        "0x7f.0.0.1",
        "127.1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::",
        "g::", "1:",
        ":1", "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "fe80::1%eth0", "[::1]", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5",
        "1:2:3:4:5:6:7:1.2.3.4", "::ffff:1.2.3.400", "localhost", "\u{661}.2.3.4",
    ])
    func whatIsNoAddressIsNotReadAsOne(text: String) { #expect(IPAddress(text) == nil) }

    @Test func loopbackAndWildcardAreKnownInAllTheirSpellings() {
        for text in ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"] {
            #expect(IPAddress(text)?.isLoopback == true)
        }
        for text in ["128.0.0.1", "::2", "::ffff:10.0.0.1", "::127.0.0.1"] {
            #expect(IPAddress(text)?.isLoopback == false)
        }
        for text in ["0.0.0.0", "::", "::ffff:0.0.0.0"] { #expect(IPAddress(text)?.isWildcard == true) }
        #expect(IPAddress("0.0.0.1")?.isWildcard == false)
    }

    @Test func theVersionsAreNeverEqual() {
        #expect(IPAddress("0.0.0.1") != IPAddress("::1"))
        #expect(IPAddress(bytes: [UInt8](repeating: 0, count: 5)) == nil)
        #expect(IPAddress(bytes: [1, 2, 3, 4]) == IPAddress("1.2.3.4"))
    }

    @Test func whateverIsWrittenIsReadBack() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            // Many zeros, for their runs.
            let bytes = (0..<16)
                .map { _ in Bool.random(using: &random) ? 0 : UInt8.random(in: 0...255, using: &random) }
            let address = IPAddress(bytes: bytes)
            #expect(address.map { IPAddress($0.description) } == address)
        }
    }
}
