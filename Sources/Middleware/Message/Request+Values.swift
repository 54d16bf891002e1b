public import EventServer
import HTTPTypes

extension Request {
    /// The value of a parameter of the query, decoded; `nil` where it is not there or its encoding is broken.
    ///
    /// - Parameter name: The name, decoded.
    /// - Returns: The first value with this name; empty for `?name` without a `=`.
    public func queryValue(_ name: String) -> String? {
        guard let query else { return nil }
        return FormPairs(query[...].utf8).first { $0.name == name }?.value
    }

    /// The value of a cookie (RFC 6265, section 5.4), without the quotes that may stand around it.
    ///
    /// - Parameter name: The name; its case counts.
    /// - Returns: The first value with this name, or `nil`.
    public func cookie(_ name: String) -> String? {
        for field in headerValues(.cookie) {
            for pair in field.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, parts[0].drop(while: \.isBlank) == name else { continue }
                var value = parts[1]
                while value.last?.isBlank == true { value.removeLast() }
                let isQuoted = value.count >= 2 && value.hasPrefix("\"") && value.hasSuffix("\"")
                return String(isQuoted ? value.dropFirst().dropLast() : value)
            }
        }
        return nil
    }
}

extension Character {
    fileprivate var isBlank: Bool { self == " " || self == "\t" }
}
