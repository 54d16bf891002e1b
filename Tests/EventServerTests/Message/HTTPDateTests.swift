import Testing

@testable import EventServer

@Suite("An HTTP date")
struct HTTPDateTests {
    @Test(
        "is right on known days",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
            (1_078_012_800, "Sun, 29 Feb 2004 00:00:00 GMT"),
            (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
            (1_709_251_200, "Fri, 01 Mar 2024 00:00:00 GMT"),
            (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
            (2_147_483_648, "Tue, 19 Jan 2038 03:14:08 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        ]
    )
    func known(seconds: Int, text: String) { #expect(HTTPDate.text(secondsSince1970: seconds) == text) }

    @Test("before 1970 is the beginning of 1970")
    func negative() { #expect(HTTPDate.text(secondsSince1970: -1) == "Thu, 01 Jan 1970 00:00:00 GMT") }

    @Test("always has 29 characters")
    func length() {
        for day in 0..<25_000 { #expect(HTTPDate.text(secondsSince1970: day * 86_400 + day).utf8.count == 29) }
    }
}
