/// The elements of a list in header fields, from the last one backwards: the last is of the nearest proxy.
///
/// Backwards also in the reading, since what stands before an element may be of a client and is then no reason to doubt what
/// a proxy has added to it: `for="` at the beginning of a line does not swallow the rest of it.
struct ForwardedElements: Sequence, IteratorProtocol {
    /// More proxies than this in a row are none; who sends more elements costs no more.
    static let limit = 32

    private var lines: ArraySlice<[UInt8]>
    private var rest: ArraySlice<UInt8>?
    private var count = 0

    /// - Parameter lines: The values of the fields, in their order.
    init(_ lines: [String]) {
        self.lines = lines.suffix(Self.limit).map { Array($0.utf8) }[...]
    }

    /// The next element without the blanks around it; empty ones are left out, as lists want it (RFC 9110, section 5.6.1).
    mutating func next() -> ArraySlice<UInt8>? {
        while count < Self.limit {
            guard let line = rest ?? lines.popLast()?[...] else { return nil }
            count += 1
            let start = Self.lastElement(of: line)
            rest = start > line.startIndex ? line[..<(start - 1)] : nil
            let element = line[start...].trimmingBlanks()
            if !element.isEmpty { return element }
        }
        return nil
    }

    /// Where the element behind the last comma begins that stands in no quotes.
    private static func lastElement(of line: ArraySlice<UInt8>) -> Int {
        var isQuoted = false
        var place = line.endIndex
        while place > line.startIndex {
            let byte = line[place - 1]
            if byte == UInt8(ascii: "\"") {
                var start = place - 1
                while start > line.startIndex, line[start - 1] == UInt8(ascii: "\\") { start -= 1 }
                // Behind an odd number of backslashes it is part of the text.
                if (place - 1 - start) % 2 == 0 { isQuoted.toggle() }
                place = start
            } else if byte == ASCII.comma, !isQuoted {
                return place
            } else {
                place -= 1
            }
        }
        return line.startIndex
    }
}
