/// The fields of a form or of a query: names with values, flat and in the order in which they were sent.
///
/// A name may stand more than once. Names are not taken apart: `user[name]` is one name, since nested names without a limit
/// have let clients crash servers.
public struct FormFields: Sendable, Equatable {
    /// One field.
    public struct Field: Sendable, Equatable {
        /// Its name, decoded.
        public var name: String
        /// Its value, decoded.
        public var value: String
    }

    enum Source {
        case path
        case query
        case body
    }

    /// How many fields a form or a query may have where nothing else is said.
    public static let defaultCountLimit = 1000

    private var fields: [Field] = []
    let source: Source

    /// No fields.
    public init() { self.init(source: .body) }

    init(source: Source) { self.source = source }

    /// Reads fields from `application/x-www-form-urlencoded` (WHATWG URL, section 5.1).
    ///
    /// What is not properly encoded is refused. The standard's own reading, which leaves a wrong `%` and puts U+FFFD for wrong
    /// UTF-8, would give a handler other bytes than were sent.
    init(encoded text: Substring.UTF8View, source: Source, countLimit: Int) throws(ContentError) {
        self.init(source: source)
        for pair in FormPairs(text) {
            guard fields.count < countLimit else { throw .tooManyFields(limit: countLimit, of: source) }
            guard let name = pair.name, let value = pair.value else {
                throw .malformed("Field \(fields.count + 1) is not percent-encoded UTF-8.")
            }
            fields.append(Field(name: name, value: value))
        }
    }

    /// The first value with this name, or `nil`.
    public subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// All values with this name, in their order.
    public subscript(all name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// Adds a field at the end.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - value: Its value.
    public mutating func append(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }
}

extension FormFields: RandomAccessCollection {
    /// The place of the first field.
    public var startIndex: Int { fields.startIndex }

    /// The place behind the last field.
    public var endIndex: Int { fields.endIndex }

    /// The field at a place.
    public subscript(_ index: Int) -> Field { fields[index] }
}
