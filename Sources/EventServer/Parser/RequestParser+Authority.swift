extension RequestParser {
    /// A text that ``checkAuthority(_:_:)`` takes.
    static func readAuthority(_ input: Span<UInt8>, _ range: Range<Int>) throws(RequestRefusal) -> String {
        try checkAuthority(input, range)
        return input.text(in: range)
    }

    /// `host [":" port]` without user information (RFC 9110, section 7.2; RFC 3986, section 3.2.2).
    ///
    /// It may be empty.
    static func checkAuthority(_ input: Span<UInt8>, _ range: Range<Int>) throws(RequestRefusal) {
        var index = range.lowerBound
        if index < range.upperBound, input[index] == UInt8(ascii: "[") {
            index += 1
            let start = index
            while index < range.upperBound, input[index] != UInt8(ascii: "]") { index += 1 }
            guard index < range.upperBound, isIPv6(input, start..<index) else { throw .hostInvalid }
            index += 1
        } else {
            while index < range.upperBound, ASCII.isRegisteredName(input[index]) {
                if input[index] == UInt8(ascii: "%") {
                    guard range.upperBound - index > 2, ASCII.hexDigit(input[index + 1]) != nil,
                        ASCII.hexDigit(input[index + 2]) != nil
                    else { throw .hostInvalid }
                }
                index += 1
            }
        }
        if index < range.upperBound {
            guard input[index] == ASCII.colon, index > range.lowerBound else { throw .hostInvalid }
            try checkPort(input, (index + 1)..<range.upperBound)
        }
    }

    /// A port may be empty, and is not larger than TCP has ports.
    private static func checkPort(_ input: Span<UInt8>, _ range: Range<Int>) throws(RequestRefusal) {
        guard range.count <= 5 else { throw .hostInvalid }
        var port: UInt64 = 0
        var index = range.lowerBound
        while index < range.upperBound {
            guard let digit = ASCII.digit(input[index]) else { throw .hostInvalid }
            // Five digits are far from an overflow.
            port = port &* 10 &+ digit
            index += 1
        }
        guard port <= 65_535 else { throw .hostInvalid }
    }

    /// Groups of up to four hexadecimal digits: eight of them, or fewer with one `::`; the last two may be written as IPv4.
    ///
    /// Zones and addresses of later versions are not taken: nobody can reach this server by them.
    private static func isIPv6(_ input: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var groups = 0
        var hasGap = false
        var index = range.lowerBound
        while index < range.upperBound {
            if input[index] == ASCII.colon, index + 1 < range.upperBound, input[index + 1] == ASCII.colon {
                guard !hasGap else { return false }
                hasGap = true
                index += 2
                if index == range.upperBound { break }
            } else if index > range.lowerBound {
                guard input[index] == ASCII.colon else { return false }
                index += 1
            }
            let start = index
            while index < range.upperBound, ASCII.hexDigit(input[index]) != nil { index += 1 }
            if index < range.upperBound, input[index] == UInt8(ascii: ".") {
                guard isIPv4(input, start..<range.upperBound) else { return false }
                groups += 2
                break
            }
            guard (1...4).contains(index - start) else { return false }
            groups += 1
        }
        return hasGap ? groups < 8 : groups == 8
    }

    private static func isIPv4(_ input: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var numbers = 0
        var index = range.lowerBound
        while true {
            let start = index
            var number: UInt64 = 0
            while index < range.upperBound, index - start < 3, let digit = ASCII.digit(input[index]) {
                number = number * 10 + digit
                index += 1
            }
            let hasLeadingZero = index - start > 1 && input[start] == UInt8(ascii: "0")
            guard index > start, number <= 255, !hasLeadingZero else { return false }
            numbers += 1
            if index == range.upperBound { return numbers == 4 }
            guard numbers < 4, input[index] == UInt8(ascii: ".") else { return false }
            index += 1
        }
    }
}
