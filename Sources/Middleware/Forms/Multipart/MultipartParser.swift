/// Reads a `multipart/form-data` body (RFC 7578; RFC 2046, section 5.1): bytes in, events out.
///
/// It holds back no more than a header line or the beginning of what may be a boundary. Lines end with CRLF and nothing else,
/// and what follows a boundary is exact, since a reader that guesses can be led to see other parts than its neighbour.
struct MultipartParser {
    enum Event: Equatable {
        case part(PartHead)
        /// Some bytes of the part's content; never empty.
        case content(ArraySlice<UInt8>)
        case partEnd
        case end
    }

    private enum State {
        case preamble
        case boundary
        case header
        case content
        case closed
        case epilogue
    }

    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let dash = UInt8(ascii: "-")

    private let limits: MultipartLimits
    /// CRLF, two dashes and the boundary.
    private let delimiter: [UInt8]
    private var state = State.preamble
    /// The first boundary needs no line before it: an empty one is put there, so that it is no exception.
    private var buffer: [UInt8] = [Self.carriageReturn, Self.lineFeed]
    /// What stands before it is used up.
    private var position = 0
    /// What stands before it is known to have no end of a line.
    private var scanned = 0
    /// The CRLF at `position` ends the header section, and may begin a boundary: that of a part without content.
    private var isAtContentStart = false
    private var isComplete = false
    private var partCount = 0
    private var draft = PartHead.Draft()

    init(boundary: MultipartBoundary, limits: MultipartLimits = MultipartLimits()) {
        self.limits = limits
        delimiter = Array("\r\n--".utf8) + boundary.bytes
    }

    /// Takes bytes in, once ``next()`` has nothing more to tell.
    mutating func receive(_ bytes: [UInt8]) {
        if position == buffer.count {
            buffer = bytes
        } else {
            if position > 0 { buffer.removeFirst(position) }
            buffer += bytes
        }
        scanned = max(0, scanned - position)
        position = 0
    }

    /// All bytes have been received: from now on ``next()`` never returns `nil` before `end`.
    mutating func finish() { isComplete = true }

    /// What comes next; `nil` where that needs more bytes.
    mutating func next() throws(ContentError) -> Event? {
        while true {
            switch state {
            case .preamble:
                guard try skipToBoundary() else { return nil }
            case .boundary:
                guard try readBoundaryEnd() else { return nil }
            case .header:
                guard try readHeaderLine() else { return nil }
                if state == .content { return .part(try PartHead(draft)) }
            case .content:
                return try readContent()
            case .closed:
                guard try readClosingEnd() else { return nil }
            case .epilogue:
                position = buffer.count
                return isComplete ? .end : nil
            }
        }
    }

    private mutating func skipToBoundary() throws(ContentError) -> Bool {
        let (end, isBoundary) = findBoundary()
        position = end
        guard isBoundary else {
            try needMore("begins with no boundary")
            return false
        }
        position += delimiter.count
        state = .boundary
        return true
    }

    private mutating func readBoundaryEnd() throws(ContentError) -> Bool {
        guard buffer.count - position >= 2 else {
            try needMore("ends behind a boundary")
            return false
        }
        switch (buffer[position], buffer[position + 1]) {
        case (Self.dash, Self.dash):
            state = .closed
        case (Self.carriageReturn, Self.lineFeed):
            partCount += 1
            guard partCount <= limits.partCount else { throw .tooManyParts(limit: limits.partCount) }
            draft = PartHead.Draft()
            state = .header
        default:
            // RFC 2046 forbids the boundary at the beginning of any line of the content, also with something behind it.
            throw .malformed("Behind a boundary of the multipart body stands neither a line's end nor the body's.")
        }
        position += 2
        scanned = position
        return true
    }

    private mutating func readClosingEnd() throws(ContentError) -> Bool {
        let count = buffer.count - position
        guard count >= 2 || (isComplete && count == 0) else {
            try needMore("ends within its last line")
            return false
        }
        guard count == 0 || (buffer[position] == Self.carriageReturn && buffer[position + 1] == Self.lineFeed) else {
            throw .malformed("The last boundary of the multipart body is followed by other characters.")
        }
        state = .epilogue
        return true
    }

    private mutating func readHeaderLine() throws(ContentError) -> Bool {
        let end = firstPlace(of: Self.lineFeed, from: max(scanned, position))
        // Counted with the line feed, also where that is still to come.
        guard draft.size + (end - position) + 1 <= limits.headerSize else {
            throw .malformed("A part's header section is larger than \(limits.headerSize) bytes.")
        }
        guard end < buffer.count else {
            scanned = end
            try needMore("ends within a header section")
            return false
        }
        guard end > position, buffer[end - 1] == Self.carriageReturn else {
            throw .malformed("A line in a part's header section does not end with CRLF.")
        }
        let line = buffer[position..<(end - 1)]
        draft.size += end + 1 - position
        position = end + 1
        scanned = position
        if line.isEmpty {
            state = .content
            position -= 2
            isAtContentStart = true
        } else {
            try draft.read(line, countLimit: limits.headerCount)
        }
        return true
    }

    private mutating func readContent() throws(ContentError) -> Event? {
        if isAtContentStart {
            let (end, isBoundary) = findBoundary()
            if end == position, !isBoundary {
                try needMore("ends within a part")
                return nil
            }
            isAtContentStart = false
            if end > position { position += 2 }
        }
        let (end, isBoundary) = findBoundary()
        if end > position {
            defer { position = end }
            return .content(buffer[position..<end])
        }
        guard isBoundary else {
            try needMore("ends within a part")
            return nil
        }
        position += delimiter.count
        state = .boundary
        return .partEnd
    }

    /// Where the next boundary begins, or what may become one; the end of the buffer where there is neither.
    ///
    /// A boundary has one CR, at its beginning. So what was compared in vain needs no second look, and the search is linear
    /// however often the content almost has a boundary.
    private func findBoundary() -> (place: Int, isWhole: Bool) {
        var place = firstPlace(of: Self.carriageReturn, from: position)
        while place < buffer.count {
            var length = 1
            while length < delimiter.count, place + length < buffer.count,
                buffer[place + length] == delimiter[length]
            {
                length += 1
            }
            if length == delimiter.count { return (place, true) }
            if place + length == buffer.count { return (place, false) }
            place = firstPlace(of: Self.carriageReturn, from: place + length)
        }
        return (place, false)
    }

    private func firstPlace(of byte: UInt8, from start: Int) -> Int {
        let bytes = buffer.span
        var place = start
        while place < bytes.count, bytes[place] != byte { place += 1 }
        return place
    }

    private func needMore(_ problem: String) throws(ContentError) {
        if isComplete { throw .malformed("The multipart body \(problem).") }
    }
}
