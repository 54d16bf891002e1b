import Testing

@testable import EventServer

@Suite("A Range field")
struct ByteRangesTests {
    @Test(
        "gives ranges of 1000 bytes",
        arguments: [
            ("bytes=0-0", [0..<1]),
            ("bytes=0-499", [0..<500]),
            ("bytes=500-999", [500..<1000]),
            ("bytes=999-", [999..<1000]),
            ("bytes=0-", [0..<1000]),
            ("bytes=-1", [999..<1000]),
            ("bytes=-1000", [0..<1000]),
            ("bytes=-1001", [0..<1000]),
            ("bytes=500-5000", [500..<1000]),
            ("bytes=0-99999999999999999999999", [0..<1000]),
            ("bytes=-99999999999999999999999", [0..<1000]),
            ("bytes=-9223372036854775807", [0..<1000]),
            ("bytes=000000000000000000000000000001-2", [1..<3]),
            ("BYTES=1-2", [1..<3]),
            ("bytes=0-0,500-500,-1", [0..<1, 500..<501, 999..<1000]),
            ("bytes=-1,0-0", [999..<1000, 0..<1]),
            ("bytes= 0-0 ,\t500-500\t,,", [0..<1, 500..<501]),
            // Those without any content are left out.
            ("bytes=1000-,5-6,-0,2000-3000", [5..<7]),
        ]
    )
    func ranges(value: String, expected: [Range<Int>]) {
        #expect(ByteRanges(value, size: 1000) == .ranges(expected))
    }

    @Test(
        "is ignored where it breaks the grammar or has another unit",
        arguments: [
            "", "bytes", "bytes=", "bytes=,", "bytes=, ,", "bytes=-", "bytes=5-2", "bytes=0-1,5-2", "bytes=a-b",
            "bytes=1", "bytes=1-2-3", "bytes=--1", "bytes=1--2", "bytes=+1-2", "bytes=0x1-2", "bytes=1-2;3-4",
            "bytes=1- 2",
            "bytes=1 -2", "bytes =1-2", " bytes=1-2", "bytes:1-2", "items=0-1", "byte=0-1", "bytess=0-1", "=0-1",
            "bytes==0-1",
            "bytes=\u{661}-\u{662}", "bytes=99999999999999999999-1", "bytes=0-1\u{0}",
        ]
    )
    func ignored(value: String) { #expect(ByteRanges(value, size: 1000) == .whole) }

    @Test(
        "cannot be satisfied where it points behind the end",
        arguments: [
            "bytes=1000-", "bytes=1000-1000", "bytes=99999999999999999999-", "bytes=-0", "bytes=-00", "bytes=-0,1000-",
            "bytes=9223372036854775807-9223372036854775807", "bytes=99999999999999999999-99999999999999999999",
        ]
    )
    func unsatisfiable(value: String) { #expect(ByteRanges(value, size: 1000) == .unsatisfiable) }

    @Test("is ignored for an empty content", arguments: ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=-0", "bytes=5-"])
    func empty(value: String) { #expect(ByteRanges(value, size: 0) == .whole) }

    @Test("reaches the last byte of the largest content")
    func largest() {
        #expect(ByteRanges("bytes=-1", size: .max) == .ranges([.max - 1 ..< .max]))
        #expect(ByteRanges("bytes=0-99999999999999999999", size: .max) == .ranges([0 ..< .max]))
    }

    @Test(
        "has ranges joined that overlap or nearly touch, where the first stood",
        arguments: [
            ("bytes=0-9,5-14", [0..<15]),
            ("bytes=0-9,10-19", [0..<20]),
            ("bytes=0-9,89-99", [0..<100]),
            ("bytes=0-9,90-99", [0..<10, 90..<100]),
            ("bytes=500-600,0-9,550-700", [500..<701, 0..<10]),
            // The last one bridges the first two.
            ("bytes=0-9,200-300,10-199", [0..<301]),
            ("bytes=0-,0-,0-,0-,0-", [0..<1000]),
        ]
    )
    func joined(value: String, expected: [Range<Int>]) {
        #expect(ByteRanges(value, size: 1000) == .ranges(expected))
    }

    @Test("with more ranges than the limit asks for the whole")
    func many() {
        func value(_ count: Int) -> String {
            "bytes=" + (0..<count).map { "\($0 * 1000)-\($0 * 1000)" }.joined(separator: ",")
        }
        let expected = (0..<16).map { $0 * 1000..<$0 * 1000 + 1 }
        #expect(ByteRanges(value(16), size: 1_000_000) == .ranges(expected))
        #expect(ByteRanges(value(17), size: 1_000_000) == .whole)
        #expect(ByteRanges(value(10_000), size: 100_000_000) == .whole)
        #expect(ByteRanges("bytes=" + String(repeating: "0-,", count: 10_000), size: 1000) == .whole)
        #expect(ByteRanges("bytes=" + String(repeating: ",", count: 10_000), size: 1000) == .whole)
    }

    @Test("never leads out of the content, nor to more bytes than it has")
    func fuzz() {
        var generator = SystemRandomNumberGenerator()
        let long = ["9223372036854775807", "9223372036854775808", "99999999999999999999"]
        let pieces = ["0", "1", "9", "99", "-", "-", ",", " ", "=", "bytes=", "x"] + long
        var answered = 0
        for _ in 0..<100_000 {
            var value = Bool.random() ? "bytes=" : ""
            for _ in 0..<Int.random(in: 0...9, using: &generator) {
                value += pieces.randomElement(using: &generator) ?? ""
            }
            let size = [0, 1, 100, Int.max].randomElement(using: &generator) ?? 0
            guard case .ranges(let ranges) = ByteRanges(value, size: size) else { continue }
            answered += 1
            #expect(!ranges.isEmpty && ranges.allSatisfy { !$0.isEmpty && $0.lowerBound >= 0 && $0.upperBound <= size })
            let sorted = ranges.sorted { $0.lowerBound < $1.lowerBound }
            #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
        }
        #expect(answered > 0)
    }
}
