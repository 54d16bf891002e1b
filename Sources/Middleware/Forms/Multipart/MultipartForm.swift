/// A multipart body as a whole: its fields and its files.
public struct MultipartForm: Sendable {
    /// The parts that are no files, as text.
    public internal(set) var fields = FormFields()

    /// The parts that are files, in their order, without those where no file was chosen.
    public internal(set) var files: [Part] = []

    /// The first file of a field, or `nil`.
    ///
    /// - Parameter name: The name of the field.
    /// - Returns: The file's part.
    public func file(_ name: String) -> Part? { files.first { $0.name == name } }
}
