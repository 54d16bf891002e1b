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
public struct ResponseFields: Sendable, Equatable {
    // A wrong value stands here with a control character in the place of each of its line breaks. A list of wrong names
    // beside the fields would have to follow all that happens to them.
    private var fields: HTTPFields

    /// Creates a list without fields.
    public init() { fields = HTTPFields() }

    /// Creates a list of fields that another part has made.
    ///
    /// - Parameter fields: The fields; the line breaks that their values had are blanks already.
    public init(_ fields: HTTPFields) { self.fields = fields }

    /// The value of a field, where it exists; several of the same name are joined with commas.
    ///
    /// Setting it replaces them all by one field, `nil` removes them.
    ///
    /// - Parameter name: The field's name.
    public subscript(name: HTTPField.Name) -> String? {
        get { fields[name] }
        set {
            if let newValue, !Self.isRight(newValue) {
                fields[fields: name] = [Self.makeField(name, newValue)]
            } else {
                fields[name] = newValue
            }
        }
    }

    /// The values of all the fields of a name, in their order.
    ///
    /// - Parameter name: The fields' name.
    public subscript(values name: HTTPField.Name) -> [String] {
        get { fields[values: name] }
        set { fields[fields: name] = newValue.map { Self.makeField(name, $0) } }
    }

    /// Adds a field behind those of the same name, such as one more `Set-Cookie`.
    ///
    /// - Parameters:
    ///   - name: The field's name.
    ///   - value: The field's value.
    public mutating func append(name: HTTPField.Name, value: String) { fields.append(Self.makeField(name, value)) }

    /// Adds a field behind those of the same name.
    ///
    /// - Parameter field: The field. `HTTPField` has made blanks of line breaks already: ``append(name:value:)`` has not.
    public mutating func append(_ field: HTTPField) { fields.append(field) }

    /// Whether there is a field of this name.
    ///
    /// - Parameter name: The name.
    /// - Returns: Whether there is one.
    public func contains(_ name: HTTPField.Name) -> Bool { fields.contains(name) }

    /// Whether a value can be sent as it is.
    static func isRight(_ value: String) -> Bool { value.utf8.allSatisfy(ASCII.isFieldValue) }

    private static func makeField(_ name: HTTPField.Name, _ value: String) -> HTTPField {
        if isRight(value) { return HTTPField(name: name, value: value) }
        // A lenient value keeps control characters, but for these three.
        let bytes = value.utf8.map { [ASCII.carriageReturn, ASCII.lineFeed, 0].contains($0) ? ASCII.substitute : $0 }
        return HTTPField(name: name, lenientValue: bytes)
    }
}

extension ResponseFields: ExpressibleByDictionaryLiteral {
    /// Creates a list of these fields, in this order.
    ///
    /// - Parameter elements: Names and values.
    public init(dictionaryLiteral elements: (HTTPField.Name, String)...) {
        fields = HTTPFields()
        fields.reserveCapacity(elements.count)
        for (name, value) in elements { append(name: name, value: value) }
    }
}

extension ResponseFields: RandomAccessCollection, RangeReplaceableCollection {
    /// The position of the first field.
    public var startIndex: Int { fields.startIndex }

    /// The position behind the last field.
    public var endIndex: Int { fields.endIndex }

    /// The field at a position.
    ///
    /// - Parameter position: A valid position.
    public subscript(position: Int) -> HTTPField { fields[position] }

    /// Puts other fields in the place of those at some positions.
    ///
    /// - Parameters:
    ///   - subrange: The positions.
    ///   - newElements: The other fields.
    public mutating func replaceSubrange(_ subrange: Range<Int>, with newElements: some Collection<HTTPField>) {
        fields.replaceSubrange(subrange, with: newElements)
    }

    /// Makes room for fields.
    ///
    /// - Parameter capacity: How many there will be.
    public mutating func reserveCapacity(_ capacity: Int) { fields.reserveCapacity(capacity) }
}
