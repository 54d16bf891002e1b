import EventServer
import HTTPTypes

/// What stands before the content of a part (RFC 7578, section 4).
struct PartHead: Equatable {
    let name: String
    let filename: String?
    let headers: HTTPFields

    /// What is known of a head while its lines are read.
    struct Draft {
        /// How many bytes its lines had.
        var size = 0
        private(set) var headers = HTTPFields()

        /// Reads one line: `field-name ":" OWS field-value OWS`; lines are not folded.
        mutating func read(_ line: ArraySlice<UInt8>, countLimit: Int) throws(ContentError) {
            guard headers.count < countLimit else {
                throw .malformed("A part's header section has more than \(countLimit) fields.")
            }
            let name = line.prefix(while: ASCII.isToken)
            var value = line[name.endIndex...]
            guard value.popFirst() == UInt8(ascii: ":"),
                let name = HTTPField.Name(String(decoding: name, as: UTF8.self))
            else { throw .malformed("A line in a part's header section is no field.") }
            value = value.trimmingBlanks()
            guard value.allSatisfy(ASCII.isFieldValue), let text = String(validating: value, as: UTF8.self)
            else { throw .malformed("A field in a part's header section has characters that it must not have.") }
            headers.append(HTTPField(name: name, value: text))
        }
    }

    init(_ draft: Draft) throws(ContentError) {
        let dispositions = draft.headers[fields: .contentDisposition]
        guard dispositions.count == 1, let field = dispositions.first,
            let disposition = FieldParameters(field.value, escaping: .quotesOnly), disposition.value == "form-data"
        else { throw .malformed("A part has no Content-Disposition: form-data, more than one, or one that is broken.") }
        let names = disposition.values(of: "name")
        // `filename*` is left alone, as RFC 7578, section 4.2, wants it.
        let filenames = disposition.values(of: "filename")
        guard names.count == 1, let name = names.first, filenames.count <= 1 else {
            throw .malformed("A part's Content-Disposition must have one name, and one filename at most.")
        }
        self.name = Self.unescaped(name)
        filename = filenames.first.map { Self.lastComponent(Self.unescaped($0)) }
        headers = draft.headers
        let encoding = HTTPField.Name("Content-Transfer-Encoding").flatMap { headers[$0] }?.lowercased() ?? "binary"
        // RFC 7578, section 4.7: deprecated. To take an encoded part for its content would be worse than to refuse it.
        guard ["7bit", "8bit", "binary"].contains(encoding) else { throw .unsupportedEncoding(of: self.name) }
    }

    /// A text without the three escapes that browsers use in names (HTML, "multipart form data").
    ///
    /// Every other `%` is one: a file may be called `100%25.txt`.
    private static func unescaped(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.contains(UInt8(ascii: "%")) else { return text }
        var result: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), let escaped = escapes[String(decoding: rest.prefix(2), as: UTF8.self)]
            else {
                result.append(byte)
                continue
            }
            result.append(escaped)
            rest = rest.dropFirst(2)
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static let escapes: [String: UInt8] = [
        "22": UInt8(ascii: "\""), "0D": UInt8(ascii: "\r"), "0d": UInt8(ascii: "\r"), "0A": UInt8(ascii: "\n"),
        "0a": UInt8(ascii: "\n"),
    ]

    /// The name without folders (RFC 2183, section 2.3), and empty where it could only lead to one.
    private static func lastComponent(_ path: String) -> String {
        let separators: [Unicode.Scalar] = ["/", "\\"]
        let name = path.unicodeScalars.split(omittingEmptySubsequences: false) { separators.contains($0) }.last ?? []
        let text = String(String.UnicodeScalarView(name.filter { $0 != "\0" }))
        return text == "." || text == ".." ? "" : text
    }
}
