import Testing

@testable import EventServer

@Suite struct KeywordTests {
    private static let texts = [
        "a", "host", "expect", "chunked", "http://", "12345678", "100-continue", "content-length", "sixteen-letters-",
        "transfer-encoding", "twenty-four-characters-x",
    ]

    /// Whether it matches a text that stands between others.
    private func matches(_ keyword: Keyword, _ text: String, behind: String = "") -> Bool {
        let bytes = Array(("x" + text + behind).utf8)
        return keyword.matches(bytes.span, in: 1..<(1 + text.utf8.count))
    }

    @Test(arguments: texts)
    func `a keyword is found whatever its case is, and wherever it stands`(_ text: String) {
        for behind in ["", ":", ": x\r\n\r\n"] {
            #expect(matches(Keyword(text), text, behind: behind))
            #expect(matches(Keyword(text), text.uppercased(), behind: behind))
        }
    }

    @Test(arguments: texts)
    func `what differs from a keyword in one character is none`(_ text: String) {
        let bytes = Array(text.utf8)
        for index in bytes.indices {
            for byte in UInt8(ascii: "!")...UInt8(ascii: "~") where ASCII.lowercased(byte) != bytes[index] {
                var other = bytes
                other[index] = byte
                let isFound = Keyword(text).matches(other.span, in: 0..<other.count)
                #expect(!isFound)
            }
        }
        #expect(!matches(Keyword(text), text + "x"))
        #expect(!matches(Keyword(text), String(text.dropLast())))
        #expect(!matches(Keyword(text), text + " "))
    }

    @Test func `a text begins with a keyword`() {
        func begins(_ text: String, with keyword: String) -> Bool {
            let bytes = Array(text.utf8)
            return Keyword(keyword).begins(bytes.span, in: 0..<bytes.count)
        }
        #expect(begins("HTTP://a", with: "http://"))
        #expect(begins("http://", with: "http://"))
        #expect(!begins("HTTP://a", with: "https://"))
        #expect(!begins("HTTP:/", with: "http://"))
        #expect(!begins("TTP://a", with: "http://"))
    }
}
