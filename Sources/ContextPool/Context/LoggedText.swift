/// Texts as a line of a log can hold them.
enum LoggedText {
    /// What stands in the place of a secret.
    static let redacted = "<redacted>"
    /// How many characters of a value are shown.
    static let limit = 80
    /// How many elements of a long collection are described: a body of megabytes would take seconds.
    private static let sample = 16

    /// The description of a value, cut to ``limit``.
    static func value(_ value: some Sendable, isSecret: Bool) -> String {
        guard !isSecret else { return redacted }
        guard let value = (value as? any Wrapping) else { return line(described(value)) }
        return value.wrapped.map { line(described($0)) } ?? "nil"
    }

    /// The description of a value, of which only the beginning is made where it would be long.
    private static func described(_ value: Any) -> String {
        if value is String { return String(describing: value) }
        guard let elements = value as? any Collection, elements.count > sample else { return String(describing: value) }
        return beginning(of: elements)
    }

    private static func beginning(of elements: some Collection) -> String {
        "\(elements.count) elements: "
            + elements.prefix(sample).map { line(String(describing: $0)) }.joined(separator: ", ")
    }

    /// The text on one line: a client may have chosen it, and must not be able to forge a line of the log.
    static func line(_ text: String) -> String {
        var line = ""
        for character in text.prefix(limit) {
            for scalar in character.unicodeScalars {
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                    line += "\\u{\(String(scalar.value, radix: 16))}"
                default: line.unicodeScalars.append(scalar)
                }
            }
        }
        return text.dropFirst(limit).isEmpty ? line : line + "..."
    }
}

/// An optional of any type, to be shown without the word `Optional`.
private protocol Wrapping {
    var wrapped: Any? { get }
}

extension Optional: Wrapping {
    fileprivate var wrapped: Any? {
        switch self {
        case .none: nil
        case .some(let value as any Wrapping): value.wrapped
        case .some(let value): value
        }
    }
}
