import Testing

@testable import EventServer

@Suite struct OutputSpanBytesTests {
    @Test(arguments: ["", "x", "0123456789abcde", "0123456789abcdef", "ä – a longer text, which lies elsewhere"])
    func `texts are appended as they are, behind what is there`(_ text: String) {
        var bytes = Array("before ".utf8)
        bytes.append(addingCapacity: 2 * text.utf8.count + 2) { output in
            output.append(text: text)
            output.append(ASCII.space)
            output.append(text: text)
        }
        #expect(bytes == Array("before \(text) \(text)".utf8))
        bytes.append(text: text)
        #expect(bytes == Array("before \(text) \(text)\(text)".utf8))
    }

    @Test func `a part of bytes is a copy of that part`() {
        let bytes = (0..<200).map { UInt8($0) }
        for range in [0..<0, 0..<1, 7..<19, 0..<200, 200..<200] {
            #expect(bytes.span.bytes(in: range) == Array(bytes[range]))
        }
    }
}
