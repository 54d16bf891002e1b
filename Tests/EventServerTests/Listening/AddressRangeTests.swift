import Testing

@testable import EventServer

@Suite struct AddressRangeTests {
    private func contains(_ range: String, _ address: String) throws -> Bool {
        try AddressRange(range).contains(SocketAddress(try #require(IPAddress(address)), port: 1))
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"), ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
        ("0.0.0.0/0", "203.0.113.1", "::1"), ("::/0", "fd00::1", "10.0.0.1"), ("fd00::/8", "fdff::1", "fe00::1"),
        ("2001:db8::/64", "2001:db8::ffff:1", "2001:db8:0:1::"),
        ("2001:db8::8000:0:0:0/65", "2001:db8::ffff:0:0:0", "2001:db8::1"),
        ("::1", "::1", "::2"), ("::1/128", "::1", "::3"), ("10.0.0.1/32", "10.0.0.1", "10.0.0.2"),
        ("10.0.0.0/31", "10.0.0.1", "10.0.0.2"),
        ("10.0.0.0/8", "::ffff:10.1.1.1", "::ffff:11.1.1.1"),
    ])
    func aRangeHoldsWhatBeginsAsItDoes(range: String, inside: String, outside: String) throws {
        #expect(try contains(range, inside))
        #expect(try !contains(range, outside))
    }

    @Test func unixIsEveryUnixSocketAndNothingElse() throws {
        #expect(AddressRange.unix.contains(SocketAddress(path: "/run/a")))
        #expect(try !contains("unix", "127.0.0.1"))
        #expect(try !AddressRange("0.0.0.0/0").contains(SocketAddress(path: "/run/a")))
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/8/8", "localhost",
        "10.0.0/8",
        "*", "UNIX", "unix:/run/a", "[::1]", "10.0.0.1:80", "10.0.0.0/99999999999999999999",
    ])
    func whatIsNoRangeSaysHowOneIsWritten(text: String) {
        let error = #expect(throws: ServerError.self) { try AddressRange(text) }
        #expect(error?.code == .invalidAddress)
        #expect(error?.description.contains("10.0.0.0/8") == true)
    }

    @Test func aRangeThatBeginsElsewhereNamesBothThatMayBeMeant() {
        let error = #expect(throws: ServerError.self) { try AddressRange("10.1.2.3/8") }
        #expect(error?.description.contains("10.0.0.0/8 for the range, or 10.1.2.3 for one address") == true)
    }
}
