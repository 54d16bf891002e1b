extension RequestParser {
    /// The longest line that may stand in front of a chunk, its extensions included.
    private static let chunkLineLimit = 256
    /// The largest trailer section, in bytes.
    private static let trailerLimit = 8192

    /// `chunk-size [ chunk-ext ] CRLF` (RFC 9112, section 7.1); extensions are skipped.
    mutating func readChunkSize(_ input: Span<UInt8>, at offset: inout Int) throws(RequestRefusal) -> Bool {
        guard let line = try Self.line(input, from: offset, limit: Self.chunkLineLimit, tooLong: .chunkExtension) else {
            return false
        }
        var size: UInt64 = 0
        var index = line.lowerBound
        while index < line.upperBound, let digit = ASCII.hexDigit(input[index]) {
            // Fifteen digits are an exabyte; more could overflow.
            guard index - line.lowerBound < 15 else { throw .chunkSize }
            size = size << 4 | digit
            index += 1
        }
        guard index > line.lowerBound else { throw .chunkSize }
        if index < line.upperBound {
            guard input[index] == ASCII.semicolon else { throw .chunkSize }
            for index in index..<line.upperBound where !ASCII.isFieldValue(input[index]) { throw .chunkExtension }
        }
        offset = line.upperBound + 2
        state = size == 0 ? .trailers(size: 0) : .chunkData(remaining: size)
        return true
    }

    /// The CRLF behind the data of a chunk.
    mutating func readChunkEnd(_ input: Span<UInt8>, at offset: inout Int) throws(RequestRefusal) -> Bool {
        guard offset < input.count else { return false }
        guard input[offset] == ASCII.carriageReturn else { throw .chunkEnd }
        guard offset + 1 < input.count else { return false }
        guard input[offset + 1] == ASCII.lineFeed else { throw .chunkEnd }
        offset += 2
        state = .chunkSize
        return true
    }

    /// One line of the trailer section.
    ///
    /// Fields are checked and dropped: merged into the headers they could overrule what was decided by them (RFC 9110,
    /// section 6.5.1).
    mutating func readTrailer(_ input: Span<UInt8>, at offset: inout Int, size: Int) throws(RequestRefusal) -> Bool {
        guard let line = try Self.line(input, from: offset, limit: Self.trailerLimit - size, tooLong: .trailer) else {
            return false
        }
        offset = line.upperBound + 2
        guard !line.isEmpty else {
            state = .complete
            return true
        }
        do throws(RequestRefusal) { _ = try Self.readField(input, line) } catch { throw .trailer }
        state = .trailers(size: size + line.count + 2)
        return true
    }

    /// The line that begins at `start`, without its CRLF; `nil` where its end has not arrived.
    private static func line(
        _ input: Span<UInt8>,
        from start: Int,
        limit: Int,
        tooLong: RequestRefusal
    ) throws(RequestRefusal) -> Range<Int>? {
        var end = start
        // Lines here are short by their limit, so that looking at them again at each delivery stays cheap.
        while end < input.count, input[end] != ASCII.lineFeed {
            end += 1
            guard end - start <= limit else { throw tooLong }
        }
        guard end < input.count else { return nil }
        guard end > start, input[end - 1] == ASCII.carriageReturn else { throw .bareLF }
        return start..<(end - 1)
    }
}
