import Testing

@testable import EventServer

@Suite("ASCII") struct ASCIITests {
    private static let alphanumerics = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

    private func bytes(_ characters: String) -> Set<UInt8> { Set(characters.utf8) }

    @Test("a token is made of the characters of RFC 9110, section 5.6.2, and of no others")
    func tokens() {
        let allowed = bytes(Self.alphanumerics + "!#$%&'*+-.^_`|~")
        for byte in UInt8.min...UInt8.max { #expect(ASCII.isToken(byte) == allowed.contains(byte), "\(byte)") }
    }

    @Test("a number is written in its figures, whichever it is", arguments: [0, 7, 10, 4096, -1, Int.max, Int.min])
    func decimals(number: Int) {
        let bytes = [UInt8](capacity: 20) { $0.append(decimal: number) }
        #expect(String(decoding: bytes, as: UTF8.self) == "\(number)")
    }

    @Test("a target is made of the characters of RFC 3986, of what browsers leave unescaped, and of no others")
    func targets() {
        let allowed = bytes(Self.alphanumerics + "-._~:/?[]@!$&'()*+,;=%" + "\"<>`{}" + "|^\\")
        for byte in UInt8.min...UInt8.max { #expect(ASCII.isTarget(byte) == allowed.contains(byte), "\(byte)") }
    }

    @Test("a host's name is made of the characters of RFC 3986, section 3.2.2, and of no others")
    func registeredNames() {
        let allowed = bytes(Self.alphanumerics + "-._~%!$&'()*+,;=")
        for byte in UInt8.min...UInt8.max { #expect(ASCII.isRegisteredName(byte) == allowed.contains(byte), "\(byte)") }
    }
}
