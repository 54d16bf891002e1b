extension RequestParser {
    /// The longest line that may stand in front of a chunk, its extensions included.
    private static let chunkLineLimit = 256
    /// The most bytes of extensions in a request that no data stands against.
    private static let extensionLimit = 8192
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
            try Self.checkExtensions(input, index..<line.upperBound)
            try countExtensions(line.upperBound - index, ofChunk: size)
        }
        offset = line.upperBound + 2
        state = size == 0 ? .trailers(size: 0) : .chunkData(remaining: size)
        return true
    }

    /// `*( ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )` (RFC 9112, section 7.1.1).
    ///
    /// They are read only to be refused where they are malformed: a reader that ends them elsewhere than this one does, by a
    /// quotation mark that is not closed or a lone CR or LF, would see other chunks.
    private static func checkExtensions(_ input: Span<UInt8>, _ range: Range<Int>) throws(RequestRefusal) {
        var index = range.lowerBound
        func skipBlanks() { while index < range.upperBound, ASCII.isBlank(input[index]) { index += 1 } }
        func skipToken() throws(RequestRefusal) {
            let start = index
            while index < range.upperBound, ASCII.isToken(input[index]) { index += 1 }
            guard index > start else { throw .chunkExtension }
        }
        while index < range.upperBound {
            guard input[index] == ASCII.semicolon else { throw .chunkExtension }
            index += 1
            skipBlanks()
            try skipToken()
            skipBlanks()
            guard index < range.upperBound, input[index] == UInt8(ascii: "=") else { continue }
            index += 1
            skipBlanks()
            if index < range.upperBound, input[index] == ASCII.quotationMark {
                index = try endOfQuotedString(input, index..<range.upperBound)
            } else {
                try skipToken()
            }
            skipBlanks()
        }
    }

    /// The place behind a string that begins at the range's beginning (RFC 9110, section 5.6.4).
    private static func endOfQuotedString(
        _ input: Span<UInt8>,
        _ range: Range<Int>
    ) throws(RequestRefusal) -> Int {
        var index = range.lowerBound + 1
        while index < range.upperBound, ASCII.isFieldValue(input[index]) {
            if input[index] == ASCII.quotationMark { return index + 1 }
            index += input[index] == ASCII.backslash ? 2 : 1
            // What is escaped is checked like the rest.
            guard index <= range.upperBound, ASCII.isFieldValue(input[index - 1]) else { throw .chunkExtension }
        }
        throw .chunkExtension
    }

    /// A request may have a few kilobytes of extensions, and more where there is data to go with them (RFC 9112, section
    /// 7.1.1): else tiny chunks with long extensions keep the server busy for next to nothing.
    private mutating func countExtensions(_ count: Int, ofChunk size: UInt64) throws(RequestRefusal) {
        extensionSize += count - Int(min(size, UInt64(count)))
        guard extensionSize <= Self.extensionLimit else { throw .chunkExtension }
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
