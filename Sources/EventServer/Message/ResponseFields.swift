public import HTTPTypes

/// The header or trailer fields of a response, used like `HTTPFields`, but without its silence about wrong values.
///
/// `HTTPFields` makes blanks of the line breaks and NULs in a value. What a handler gets wrong that way, most often by passing
/// on the words of a client, would be sent as something else than it said. Here such a field is kept as a wrong one instead:
/// the response is refused, its client gets 500, and the log names the field. Setting the field again, or removing it, makes
/// the response whole.
///
/// A control character in a value is wrong, except for the tab (RFC 9110, section 5.5); blanks around it are cut off. It is a
/// value, and may be used from any thread.
public struct ResponseFields: Sendable {
    /// A field as it was given.
    ///
    /// Not `HTTPField`, and not in `HTTPFields`: that one makes an index of a dictionary for the few fields of a response, and both
    /// look at each value again. The head of a small response took half of its time there.
    struct Entry: Sendable {
        /// Which fields the server itself has to do with.
        ///
        /// It is found out where the field is made, which for those of most responses is once and for all.
        enum Role {
            case contentLength, transferEncoding, connection, date, other

            init(_ name: String) {
                // Four lengths, so that most fields cost one comparison of a count.
                switch name.utf8.count {
                case 4 where name == "date": self = .date
                case 10 where name == "connection": self = .connection
                case 14 where name == "content-length": self = .contentLength
                case 17 where name == "transfer-encoding": self = .transferEncoding
                default: self = .other
                }
            }
        }

        let name: HTTPField.Name
        let value: String
        let role: Role
        /// Whether the value can be sent as it is.
        let isRight: Bool

        init(_ name: HTTPField.Name, _ value: String) {
            self.name = name
            role = Role(name.canonicalName)
            let bytes = value.utf8.span
            isRight = ResponseFields.isRight(bytes)
            let isTrimmed = bytes.isEmpty || !ASCII.isBlank(bytes[0]) && !ASCII.isBlank(bytes[bytes.count - 1])
            self.value = isTrimmed || !isRight ? value : HTTPField(name: name, value: value).value
        }

        var field: HTTPField {
            if isRight { return HTTPField(name: name, value: value) }
            // A lenient value keeps control characters, but for these three.
            let lost = [ASCII.carriageReturn, ASCII.lineFeed, 0]
            let bytes = value.utf8.map { lost.contains($0) ? ASCII.substitute : $0 }
            return HTTPField(name: name, lenientValue: bytes)
        }
    }

    private(set) var entries: [Entry] = []

    /// Creates a list without fields.
    public init() {}

    /// Creates a list of fields that another part has made.
    ///
    /// - Parameter fields: The fields; the line breaks that their values had are blanks already.
    public init(_ fields: HTTPFields) { entries = fields.map { Entry($0.name, $0.value) } }

    /// The value of a field, where it exists; several of the same name are joined with commas.
    ///
    /// Setting it replaces them all by one field, `nil` removes them.
    ///
    /// - Parameter name: The field's name.
    public subscript(name: HTTPField.Name) -> String? {
        get {
            guard let first = entries.first(where: { $0.name == name }) else { return nil }
            let others = self[values: name].dropFirst()
            return others.isEmpty ? first.value : ([first.value] + others).joined(separator: ", ")
        }
        set {
            if let newValue, !contains(name) { return append(name: name, value: newValue) }
            replace(name, with: newValue.map { [Entry(name, $0)] } ?? [])
        }
    }

    /// The values of all the fields of a name, in their order.
    ///
    /// - Parameter name: The fields' name.
    public subscript(values name: HTTPField.Name) -> [String] {
        get { entries.compactMap { $0.name == name ? $0.value : nil } }
        set { replace(name, with: newValue.map { Entry(name, $0) }) }
    }

    /// Puts fields where the first of their name stands, or behind all.
    private mutating func replace(_ name: HTTPField.Name, with new: [Entry]) {
        guard let first = entries.firstIndex(where: { $0.name == name }) else {
            entries += new
            return
        }
        entries.removeAll { $0.name == name }
        entries.insert(contentsOf: new, at: first)
    }

    /// Adds a field behind those of the same name, such as one more `Set-Cookie`.
    ///
    /// - Parameters:
    ///   - name: The field's name.
    ///   - value: The field's value.
    public mutating func append(name: HTTPField.Name, value: String) { entries.append(Entry(name, value)) }

    /// Adds a field behind those of the same name.
    ///
    /// - Parameter field: The field. `HTTPField` has made blanks of line breaks already: ``append(name:value:)`` has not.
    public mutating func append(_ field: HTTPField) { append(name: field.name, value: field.value) }

    /// Whether there is a field of this name.
    ///
    /// - Parameter name: The name.
    /// - Returns: Whether there is one.
    public func contains(_ name: HTTPField.Name) -> Bool { entries.contains { $0.name == name } }

    /// Whether a value can be sent as it is.
    static func isRight(_ value: String) -> Bool { isRight(value.utf8.span) }

    private static func isRight(_ bytes: Span<UInt8>) -> Bool {
        bytes.end(in: 0..<bytes.count, of: \.fieldValueCount, or: ASCII.isFieldValue) == bytes.count
    }
}

extension ResponseFields: Equatable {
    /// Whether both have the same fields; the order counts among those of one name only.
    ///
    /// - Parameters:
    ///   - left: A list.
    ///   - right: Another list.
    /// - Returns: Whether they have the same fields.
    public static func == (left: ResponseFields, right: ResponseFields) -> Bool {
        HTTPFields(left.entries.map(\.field)) == HTTPFields(right.entries.map(\.field))
    }
}

extension ResponseFields: ExpressibleByDictionaryLiteral {
    /// Creates a list of these fields, in this order.
    ///
    /// - Parameter elements: Names and values.
    public init(dictionaryLiteral elements: (HTTPField.Name, String)...) {
        // A chain adds some: the array is not to be made anew for them.
        entries.reserveCapacity(elements.count + 3)
        for (name, value) in elements { append(name: name, value: value) }
    }
}

extension ResponseFields: RandomAccessCollection, RangeReplaceableCollection {
    /// The position of the first field.
    public var startIndex: Int { entries.startIndex }

    /// The position behind the last field.
    public var endIndex: Int { entries.endIndex }

    /// The field at a position.
    ///
    /// - Parameter position: A valid position.
    public subscript(position: Int) -> HTTPField { entries[position].field }

    /// Puts other fields in the place of those at some positions.
    ///
    /// - Parameters:
    ///   - subrange: The positions.
    ///   - newElements: The other fields.
    public mutating func replaceSubrange(_ subrange: Range<Int>, with newElements: some Collection<HTTPField>) {
        entries.replaceSubrange(subrange, with: newElements.map { Entry($0.name, $0.value) })
    }

    /// Makes room for fields.
    ///
    /// - Parameter capacity: How many there will be.
    public mutating func reserveCapacity(_ capacity: Int) { entries.reserveCapacity(capacity) }
}
