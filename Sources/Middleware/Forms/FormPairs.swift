/// The pairs of an `application/x-www-form-urlencoded` text (WHATWG URL, section 5.1), decoded when somebody asks.
///
/// The text is taken apart by bytes: by characters, a `&` before a combining accent would not be one.
struct FormPairs: Sequence, IteratorProtocol {
    struct Pair {
        fileprivate let encodedName: Substring
        fileprivate let encodedValue: Substring

        /// The name; `nil` where its encoding is broken.
        var name: String? { PercentEncoding.decode(encodedName, plusIsBlank: true) }

        /// The value; `nil` where its encoding is broken, empty where there is no `=`.
        var value: String? { PercentEncoding.decode(encodedValue, plusIsBlank: true) }
    }

    private var rest: Substring.UTF8View

    init(_ text: Substring.UTF8View) { rest = text }

    mutating func next() -> Pair? {
        while !rest.isEmpty {
            let pair = rest.prefix { $0 != UInt8(ascii: "&") }
            rest = rest[pair.endIndex...].dropFirst()
            guard !pair.isEmpty else { continue }
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            let value = pair[name.endIndex...].dropFirst()
            return Pair(encodedName: Substring(name), encodedValue: Substring(value))
        }
        return nil
    }
}
