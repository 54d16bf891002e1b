import Testing

@testable import EventServer

@Suite("Reading an HTTP date")
struct HTTPDateParsingTests {
    /// 21 November 2026.
    private static let now = 1_795_219_200

    private func seconds(_ text: String, now: Int = now) -> Int? { HTTPDate.seconds(text, now: now) }

    @Test(
        "takes all three forms",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
            ("Sun Nov  6 08:49:37 1994", 784_111_777),
            ("Wed Nov 16 08:49:37 1994", 784_975_777),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
            ("Sat, 01 Jan 0000 00:00:00 GMT", -62_167_219_200),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
            ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400),
            ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
            // The weekday is wrong, and the date is meant.
            ("Mon, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        ]
    )
    func forms(text: String, expected: Int) { #expect(seconds(text) == expected) }

    @Test(
        "finds the century of two digits: at most 50 years ahead",
        arguments: [
            ("Saturday, 21-Nov-26 00:00:00 GMT", "Sat, 21 Nov 2026 00:00:00 GMT"),
            ("Friday, 20-Nov-76 00:00:00 GMT", "Fri, 20 Nov 2076 00:00:00 GMT"),
            ("Friday, 31-Dec-76 00:00:00 GMT", "Fri, 31 Dec 1976 00:00:00 GMT"),
            ("Saturday, 01-Jan-77 00:00:00 GMT", "Sat, 01 Jan 1977 00:00:00 GMT"),
            ("Saturday, 01-Jan-00 00:00:00 GMT", "Sat, 01 Jan 2000 00:00:00 GMT"),
            ("Friday, 01-Jan-99 00:00:00 GMT", "Fri, 01 Jan 1999 00:00:00 GMT"),
        ]
    )
    func centuries(short: String, long: String) {
        #expect(seconds(short) == seconds(long))
        #expect(seconds(short) != nil)
    }

    @Test("finds it also late in a century")
    func lateCentury() {
        // 2090: the year 10 is twenty years ahead and not eighty back.
        #expect(seconds("Friday, 01-Jan-10 00:00:00 GMT", now: 3_786_912_000) == 4_417_977_600)
    }

    @Test(
        "takes nothing else",
        arguments: [
            "", " ", "0", "now", "Sun", "Sun,", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 gmt", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 GMT ",
            " Sun, 06 Nov 1994 08:49:37 GMT", "sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
            "Wed, 29 Feb 2023 00:00:00 GMT", "Mon, 29 Feb 1900 00:00:00 GMT", "Sun, 32 Dec 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun, 06 Nov 1994 -8:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 19940 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT", "Sunday, 06 Nov 94 08:49:37 GMT",
            "Sun Nov 06 08:49:37 1994 GMT", "Sun Nov 6 08:49:37 1994", "Sun Nov  06 08:49:37 1994",
            "Sun Nov   08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, ٠٦ Nov 1994 08:49:37 GMT",
        ]
    )
    func junk(text: String) { #expect(seconds(text) == nil) }

    @Test("reads back what was written")
    func roundTrip() {
        for day in 0..<60_000 {
            let time = day * 86_400 + day
            #expect(seconds(HTTPDate.text(secondsSince1970: time)) == time)
        }
    }

    @Test("stands any bytes, and any clock")
    func fuzz() {
        var generator = SystemRandomNumberGenerator()
        let seeds = ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        var taken = 0
        for round in 0..<100_000 {
            var bytes = Array(seeds[round % 3].utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = bytes.indices.randomElement(using: &generator) ?? 0
                bytes[index] = Bool.random(using: &generator) ? .random(in: 0x30...0x39) : .random(in: 0...255)
            }
            let now = round % 2 == 0 ? Self.now : Int.random(in: .min ... .max, using: &generator)
            if seconds(String(decoding: bytes, as: UTF8.self), now: now) != nil { taken += 1 }
        }
        #expect(taken > 0)
    }
}
