/// What a `Range` field asks for, of a content of known size (RFC 9110, section 14).
enum ByteRanges: Equatable {
    /// The field says nothing that has to be followed: the whole content is the answer.
    case whole
    /// At least one range, none of them empty or overlapping another, in the order they were asked for.
    case ranges([Range<Int>])
    /// The field is right, but there is nothing where it points.
    case unsatisfiable

    /// How many ranges are answered one by one.
    ///
    /// A client that wants more gets the whole content: each range costs a header, so that a short request could ask for far
    /// more bytes than there are (CVE-2011-3192).
    static let limit = 16

    /// Ranges with a gap smaller than this between them become one: the header of a part is about as long.
    private static let gap = 80

    /// Reads the value of the field.
    ///
    /// What does not follow the grammar is no range at all, as section 14.2 allows. So is a range of an empty content: there
    /// is nothing to leave out, and some clients send the field with everything.
    init(_ value: String, size: Int) {
        guard size > 0, let specifiers = Self.parse(value) else {
            self = .whole
            return
        }
        let ranges = specifiers.compactMap { $0.range(in: size) }
        self = ranges.isEmpty ? .unsatisfiable : .ranges(Self.coalesced(ranges))
    }

    private enum Specifier {
        /// `first-last` or `first-`.
        case from(Int, through: Int)
        /// `-length`.
        case suffix(Int)

        func range(in size: Int) -> Range<Int>? {
            switch self {
            case .from(let first, let last): first < size ? first..<(min(last, size - 1) + 1) : nil
            case .suffix(let length): length > 0 ? (size - min(length, size))..<size : nil
            }
        }
    }

    /// The specifiers of `bytes=…`; `nil` where the value is malformed, of another unit, or too long.
    private static func parse(_ value: String) -> [Specifier]? {
        let bytes = value.utf8
        guard let equals = bytes.firstIndex(of: 0x3D),
            bytes[..<equals].map(ASCII.lowercased).elementsEqual("bytes".utf8)
        else { return nil }
        var specifiers: [Specifier] = []
        // One element more than there may be ranges, so that the rest of a long list is not even looked at. Empty elements
        // count: nobody has a use for sixteen commas.
        let elements = bytes[bytes.index(after: equals)...]
            .split(separator: ASCII.comma, maxSplits: limit, omittingEmptySubsequences: false)
        guard elements.count <= limit else { return nil }
        for element in elements {
            let element = element.trimmingBlanks()
            if element.isEmpty { continue }
            guard let specifier = parse(element) else { return nil }
            specifiers.append(specifier)
        }
        return specifiers.isEmpty ? nil : specifiers
    }

    private static func parse(_ element: Substring.UTF8View) -> Specifier? {
        guard let dash = element.firstIndex(of: 0x2D) else { return nil }
        let first = element[..<dash]
        let last = element[element.index(after: dash)...]
        switch (first.isEmpty, last.isEmpty) {
        case (true, true): return nil
        case (true, false): return number(last).map { .suffix($0) }
        case (false, true): return number(first).map { .from($0, through: .max) }
        case (false, false):
            guard let first = number(first), let last = number(last), first <= last else { return nil }
            return .from(first, through: last)
        }
    }

    /// A number of any length; where it does not fit it is the greatest there is, which lies behind every content.
    private static func number(_ digits: Substring.UTF8View) -> Int? {
        var result = 0
        for byte in digits {
            guard let digit = ASCII.digit(byte) else { return nil }
            let (product, hasOverflown) = result.multipliedReportingOverflow(by: 10)
            let (sum, isTooLarge) = product.addingReportingOverflow(Int(digit))
            result = hasOverflown || isTooLarge ? .max : sum
        }
        return result
    }

    /// Joins ranges that overlap or nearly touch, where the first of them stood (section 15.3.7.2).
    private static func coalesced(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        for range in ranges {
            var joined = range
            var place = result.count
            // A union may touch what neither of its parts did, so the search begins anew; there are few.
            while let index = result.firstIndex(where: { isNear($0, joined) }) {
                let other = result.remove(at: index)
                joined = min(joined.lowerBound, other.lowerBound)..<max(joined.upperBound, other.upperBound)
                place = min(place, index)
            }
            result.insert(joined, at: place)
        }
        return result
    }

    private static func isNear(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        let (low, high) = left.lowerBound <= right.lowerBound ? (left, right) : (right, left)
        return high.lowerBound <= low.upperBound || high.lowerBound - low.upperBound < gap
    }
}
