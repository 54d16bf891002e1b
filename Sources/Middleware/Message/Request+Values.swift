public import EventServer
import HTTPTypes

extension Request {
    /// The value of a cookie (RFC 6265, section 5.4), without the quotes that may stand around it.
    ///
    /// - Parameter name: The name; its case counts.
    /// - Returns: The first value with this name, or `nil`.
    public func cookie(_ name: String) -> String? {
        // Most requests have none, and to find that out by taking nothing apart takes twice as long.
        guard header(.cookie) != nil,
            let value = cookiePairs.first(where: { $0.name.elementsEqual(name.utf8) })?.value
        else { return nil }
        let quote = UInt8(ascii: "\"")
        let isQuoted = value.count >= 2 && value.first == quote && value.last == quote
        return String(Substring(isQuoted ? value.dropFirst().dropLast() : value))
    }

    /// All cookies, taken apart by bytes: by characters, a `;` before a combining accent would not be one.
    var cookiePairs: [(name: Substring.UTF8View, value: Substring.UTF8View)] {
        headerValues(.cookie)
            .flatMap { field in
                field.utf8.split(separator: UInt8(ascii: ";"))
                    .compactMap { pair in
                        guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return nil }
                        var value = pair[pair.index(after: equals)...]
                        while let last = value.last, ASCII.isBlank(last) { value.removeLast() }
                        return (pair[..<equals].drop(while: ASCII.isBlank), value)
                    }
            }
    }
}
