extension FormFields {
    /// Decodes the fields into a flat type of one's own.
    ///
    /// A property takes the value of the field with its name: text, a whole number, a number, a `Bool` (`true`, `on`, `yes`,
    /// `1` and their opposites), or what is made of one of these, such as an enum of strings; an array takes all values of
    /// that name. What is not there is `nil`, an empty array, or `false`: browsers send nothing for a box that is not
    /// ticked. An empty value is `nil` too, unless a `String?` asks. Fields that the type does not know are ignored.
    ///
    /// - Parameter type: The type.
    /// - Returns: The value.
    /// - Throws: ``ContentError`` with the code `invalidValue`, which names the field: one that is missing, is not what the type
    ///   asks for, or stands more than once where one is wanted. Another error for a type that no form can fill, such as a
    ///   nested one; that is not the client's mistake.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        do {
            return try Value(from: FormDecoder(self))
        } catch let error as DecodingError {
            // Of the type's own decoding, such as that of an enum. What it says may name the type.
            throw ContentError.invalidValue(error.path, of: source, "has a value that is not allowed")
        }
    }
}

/// A type asks for more than fields have.
struct UnsuitableFormType: Error, CustomStringConvertible {
    let path: [any CodingKey]

    var description: String {
        let place = path.map(\.stringValue).joined(separator: ".")
        return """
            A form is flat, but the type to be decoded wants a structure at "\(place)". Decode a struct of texts, numbers, \
            Bools and arrays of them.
            """
    }
}
