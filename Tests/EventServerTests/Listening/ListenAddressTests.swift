import Testing

@testable import EventServer

@Suite struct ListenAddressTests {
    @Test(
        arguments: [
            ("127.0.0.1:8080", .tcp(host: "127.0.0.1", port: 8080)), ("[::1]:0", .tcp(host: "::1", port: 0)),
            ("localhost:65535", .tcp(host: "localhost", port: 65_535)), ("*:80", .tcp(host: "*", port: 80)),
            ("[fe80::1%eth0]:80", .tcp(host: "fe80::1%eth0", port: 80)),
            ("unix:/run/a b.sock", .unix(path: "/run/a b.sock")), ("unix:a", .unix(path: "a")),
            ("inherited", .inherited(name: nil)), ("inherited:web", .inherited(name: "web")),
        ] as [(String, ListenAddress)]
    )
    func anAddressIsReadAndWritten(text: String, address: ListenAddress) throws {
        #expect(try ListenAddress(text) == address)
        #expect("\(address)" == text)
    }

    @Test(arguments: [
        ("", "such as 127.0.0.1:8080, or unix:PATH"), ("8080", "127.0.0.1:8080 for this machine alone, *:8080"),
        ("10.0.0.1", "missing: 10.0.0.1:8080"), ("web", "missing: web:8080"), ("unix", "path is missing"),
        ("::1:80", "brackets: [::1]:80."), ("fe80::1%lo:80", "brackets: [fe80::1%lo]:80."),
        ("::1:99999", "0 to 65535"), ("fd00::2:ffff", "[fd00::2:ffff]:8080"), (":8080", "*:8080 for everybody"),
        ("127.0.0.1", "127.0.0.1:8080"),
        ("::1", "[::1]:8080"), ("[::1]", "[::1]:8080"), ("fd00::1:99999", "0 to 65535"),
        ("[localhost]:80", "no IPv6 address"),
        ("a:b:80", "[::1]:80"), ("127.0.0.1:65536", "0 to 65535"), ("127.0.0.1:080", "0 to 65535"),
        ("127.0.0.1:", "0 to 65535"),
        ("http://localhost:8080", "without a scheme"), ("local host:80", "without a scheme"),
        ("unix:", "path is missing"),
        ("inherited:", "name is missing"), ("unix:a\0b", "path is missing"),
    ])
    func whatIsNoneSaysWhatToWrite(text: String, advice: String) {
        let error = #expect(throws: ServerError.self) { try ListenAddress(text) }
        #expect(error?.code == .invalidAddress)
        #expect(error?.description.contains(advice) == true, "\(error?.description ?? "")")
    }

    @Test func aPathThatIsTooLongIsKnownBeforeTheStart() throws {
        let path = "/" + String(repeating: "s", count: 106)
        #expect(try ListenAddress("unix:" + path) == .unix(path: path))
        let error = #expect(throws: ServerError.self) { try ListenAddress("unix:" + path + "s") }
        #expect(error?.description.contains("at most 107 bytes, and this one 108: choose a shorter one") == true)
    }

    @Test func onlyWhatIsSureToBeIsLocal() throws {
        for text in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1", "unix:/a"] {
            #expect(try ListenAddress(text).isLocal)
        }
        for text in ["0.0.0.0:1", "[::]:1", "*:1", "127.evil.example:1", "inherited", "10.0.0.1:1"] {
            #expect(try !ListenAddress(text).isLocal)
        }
    }
}
