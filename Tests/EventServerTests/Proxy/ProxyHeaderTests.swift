import TestSupport
import Testing

@testable import EventServer

@Suite struct ProxyHeaderTests {
    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]

    /// What came of some bytes that arrive in pieces.
    private enum Outcome: Equatable {
        case header(ProxyHeader, rest: Int)
        case refusal(ProxyRefusal)
        case incomplete
    }

    private static func outcome(of pieces: [ArraySlice<UInt8>]) -> Outcome {
        var input: [UInt8] = []
        let total = pieces.reduce(0) { $0 + $1.count }
        for piece in pieces {
            input += piece
            var offset = 0
            do throws(ProxyRefusal) {
                guard let header = try ProxyHeader.read(input.span, at: &offset) else {
                    if offset != 0 { Issue.record("an incomplete header was consumed") }
                    continue
                }
                return .header(header, rest: total - offset)
            } catch {
                return .refusal(error)
            }
        }
        return .incomplete
    }

    /// The one outcome of all deliveries; `nil` where they differ.
    private static func read(_ bytes: [UInt8]) -> Outcome? {
        let all = deliveries(of: bytes).map(outcome)
        return all.allSatisfy { $0 == all[0] } ? all[0] : nil
    }

    private static func header(_ ip: String?, _ port: Int = 0) -> ProxyHeader {
        ProxyHeader(source: ip.flatMap { IPAddress($0) }.map { ProxyHeader.Endpoint(ip: $0, port: port) })
    }

    private static func binary(_ command: UInt8, _ family: UInt8, _ rest: [UInt8], length: Int? = nil) -> [UInt8] {
        let length = length ?? rest.count
        return signature + [command, family, UInt8(length >> 8), UInt8(length & 255)] + rest
    }

    private static let v4: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 1, 0xDC, 0x04, 0x01, 0xBB]
    private static let v6: [UInt8] =
        [0x20, 1, 13, 0xB8] + Array(repeating: 0, count: 11) + [9] + Array(repeating: 1, count: 16)
        + [0, 80, 1, 0xBB]

    @Test(arguments: [
        ("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n", header("192.0.2.1", 56_324)),
        ("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", header("255.255.255.255", 65_535)),
        ("PROXY TCP6 2001:db8::1 ::1 0 65535\r\n", header("2001:db8::1")),
        ("PROXY TCP6 ::ffff:1.2.3.4 ::1 7 8\r\n", header("1.2.3.4", 7)),
        ("PROXY UNKNOWN\r\n", header(nil)), ("PROXY UNKNOWN whatever \u{1} 1 2\r\n", header(nil)),
    ])
    func aLineNamesTheClient(line: String, header: ProxyHeader) {
        #expect(Self.read(Array(line.utf8)) == .header(header, rest: 0))
        #expect(Self.read(Array((line + "GET / HTTP/1.1\r\n").utf8)) == .header(header, rest: 16))
    }

    @Test(
        arguments: [
            ("GET / HTTP/1.1\r\n", .missing), ("\r\n\r\nGET", .missing), ("PROXY\r\n", .missing),
            ("proxy TCP4", .missing), ("\n", .missing),
            ("PROXY \r\n", .line), ("PROXY TCP4\r\n", .line), ("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n", .line),
            ("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", .line), ("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n", .line),
            ("PROXY  TCP4 1.2.3.4 1.2.3.4 1 2\r\n", .line), ("PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n", .line),
            ("PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n", .line), ("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n", .line),
            ("PROXY TCP4 ::1 ::1 1 2\r\n", .address), ("PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n", .address),
            ("PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n", .address), ("PROXY TCP4 1.2.3.4 1.2.3.04 1 2\r\n", .address),
            ("PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n", .address), ("PROXY TCP4 1.2.3.4 1.2.3.4 1 02\r\n", .address),
            ("PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n", .address),
            ("PROXY TCP4 1.2.3.4 1.2.3.4 1 99999999999999999999\r\n", .address),
            ("PROXY UNKNOWN " + String(repeating: "x", count: 92) + "\r\n", .lineTooLong),
        ] as [(String, ProxyRefusal)]
    )
    func aLineThatIsNoneIsRefused(line: String, refusal: ProxyRefusal) {
        #expect(Self.read(Array(line.utf8)) == .refusal(refusal))
    }

    @Test func aLineMayHave107BytesAndNoMore() {
        let longest = "PROXY UNKNOWN " + String(repeating: "x", count: 91) + "\r\n"
        #expect(longest.utf8.count == 107)
        #expect(Self.read(Array(longest.utf8)) == .header(Self.header(nil), rest: 0))
    }

    @Test(arguments: ["", "P", "PROXY", "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443", "PROXY UNKNOWN\r", "\r\n\r\n"])
    func whatMayBecomeAHeaderIsWaitedFor(text: String) {
        #expect(Self.read(Array(text.utf8)) == .incomplete)
    }

    @Test(arguments: [
        (binary(0x21, 0x11, v4), header("192.0.2.1", 56_324)), (binary(0x21, 0x21, v6), header("2001:db8::9", 80)),
        // Fields: ALPN, an empty one of no kind that is known.
        (binary(0x21, 0x11, v4 + [1, 0, 2, 104, 50, 0xEE, 0, 0]), header("192.0.2.1", 56_324)),
        // A health check, with or without addresses; families and transports without a TCP client.
        (binary(0x20, 0x00, []), header(nil)), (binary(0x20, 0x11, v4), header(nil)),
        (binary(0x20, 0x21, [1]), header(nil)),
        (binary(0x21, 0x00, [1, 2, 3]), header(nil)), (binary(0x21, 0x01, []), header(nil)),
        (binary(0x21, 0x12, v4), header(nil)),
        (binary(0x21, 0x31, Array(repeating: 47, count: 216)), header(nil)),
        (binary(0x21, 0x11, v4 + [0xEE, 0x0F, 0xC1] + Array(repeating: 0, count: 4033)), header("192.0.2.1", 56_324)),
    ])
    func aBinaryHeaderNamesTheClient(bytes: [UInt8], header: ProxyHeader) {
        #expect(Self.read(bytes) == .header(header, rest: 0))
        #expect(Self.read(bytes + [71]) == .header(header, rest: 1))
        if bytes.count < 100 { #expect(Self.read(bytes.dropLast()) == .incomplete) }
    }

    @Test(
        arguments: [
            (binary(0x11, 0x11, v4), .version), (binary(0x22, 0x11, v4), .version), (binary(0x31, 0x11, v4), .version),
            (binary(0x21, 0x41, v4), .family), (binary(0x21, 0x13, v4), .family), (binary(0x21, 0x11, []), .length),
            (binary(0x21, 0x11, v4.dropLast()), .length), (binary(0x21, 0x21, v4), .length),
            (binary(0x21, 0x31, v6), .length),
            (binary(0x21, 0x11, v4, length: 4081), .tooLong), (binary(0x20, 0x00, [], length: 65_535), .tooLong),
            (binary(0x21, 0x11, v4 + [1]), .extra), (binary(0x21, 0x11, v4 + [1, 0]), .extra),
            (binary(0x21, 0x11, v4 + [1, 0, 1]), .extra),
            (binary(0x21, 0x11, v4 + [1, 0xFF, 0xFF, 0]), .extra), (binary(0x21, 0x11, v4 + [3, 0, 1, 0]), .extra),
            (binary(0x21, 0x11, v4 + [3, 0, 4, 0, 0, 0, 0]), .checksum),
        ] as [([UInt8], ProxyRefusal)]
    )
    func aBinaryHeaderThatIsNoneIsRefused(bytes: [UInt8], refusal: ProxyRefusal) {
        #expect(Self.read(bytes) == .refusal(refusal))
    }

    @Test func aChecksumIsCheckedAndMayStandOnce() {
        // CRC-32C of the header with zeros in place of the sum, worked out apart from this code.
        let sum: [UInt8] = [0x73, 0x7E, 0xE9, 0x19]
        let header = Self.binary(0x21, 0x11, Self.v4 + [3, 0, 4] + sum)
        #expect(Self.read(header) == .header(Self.header("192.0.2.1", 56_324), rest: 0))
        // But for the length, and the byte that says that a checksum follows.
        for place in 13..<header.count where ![14, 15, 28].contains(place) {
            var changed = header
            changed[place] ^= 1
            if case .header = Self.read(changed) { Issue.record("byte \(place) may be changed") }
        }
        let right: [UInt8] = [0x31, 0x6A, 0x6B, 0x19]
        let twice = Self.v4 + [3, 0, 4] + right + [3, 0, 4] + sum
        #expect(Self.read(Self.binary(0x21, 0x11, twice)) == .refusal(.extra))
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func mutantsTrapNothingAndMeanTheSameInPieces(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let seeds = [
            Array("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n".utf8),
            Array("PROXY TCP6 2001:db8::1 ::1 1 2\r\n".utf8),
            Array("PROXY UNKNOWN\r\n".utf8), Self.binary(0x21, 0x11, Self.v4 + [3, 0, 4, 1, 2, 3, 4, 1, 0, 1, 9]),
            Self.binary(0x21, 0x21, Self.v6), Self.binary(0x20, 0, []),
        ]
        for round in 0..<5000 {
            var bytes = seeds[Int.random(in: 0..<seeds.count, using: &random)]
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0...3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert([32, 13, 10, 58, 46, 255].randomElement(using: &random) ?? 0, at: place)
                default: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
                }
            }
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let whole = Self.outcome(of: [bytes[...]])
            #expect(
                Self.outcome(of: [bytes[..<cut], bytes[cut...]]) == whole,
                "seed \(seed), round \(round): \(bytes)"
            )
        }
    }
}
