import HTTPTypes

/// A content of known size from which ranges can be taken.
enum RangeSource {
    case bytes([UInt8])
    case file(OpenFile)

    /// In bytes.
    var size: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .file(let file): file.size
        }
    }

    /// The whole content, as a body.
    var body: ResponseBody { body(0..<size) }

    /// The bytes of a range, as a body.
    func body(_ range: Range<Int>) -> ResponseBody {
        switch segment(range) {
        case .bytes(let bytes): .bytes(bytes)
        case .file where range.isEmpty: []
        case .file(let file, let offset, let count): .segments([.file(file, offset: offset, count: count)])
        }
    }

    /// The bytes of a range, which must lie within the content.
    func segment(_ range: Range<Int>) -> ResponseBody.Segment {
        switch self {
        case .bytes(let bytes): .bytes(Array(bytes[range]))
        case .file(let file): .file(file, offset: range.lowerBound, count: range.count)
        }
    }
}

extension RangeSource {
    /// Several ranges as a body of the type `multipart/byteranges` (RFC 9110, section 14.6).
    ///
    /// - Parameters:
    ///   - ranges: The ranges, within the content.
    ///   - contentType: The type of the content, as it stands in its field; free of line breaks, therefore.
    ///   - boundary: What stands between the parts.
    /// - Returns: The parts of the body.
    func multipart(_ ranges: [Range<Int>], contentType: String?, boundary: String) -> [ResponseBody.Segment] {
        var segments: [ResponseBody.Segment] = []
        var lineBreak = ""
        for range in ranges {
            var head = "\(lineBreak)--\(boundary)\r\n"
            if let contentType { head += "Content-Type: \(contentType)\r\n" }
            head += "Content-Range: \(contentRange(range))\r\n\r\n"
            segments.append(.bytes(Array(head.utf8)))
            segments.append(segment(range))
            lineBreak = "\r\n"
        }
        segments.append(.bytes(Array("\(lineBreak)--\(boundary)--\r\n".utf8)))
        return segments
    }

    /// The value of `Content-Range` for a range that is sent (RFC 9110, section 14.4).
    func contentRange(_ range: Range<Int>) -> String { "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)" }

    /// A boundary that is in no content and that nobody can put there: 128 random bits, drawn anew for each response.
    static func makeBoundary() -> String {
        var generator = SystemRandomNumberGenerator()
        return "\(hexadecimal(generator.next()))\(hexadecimal(generator.next()))"
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
