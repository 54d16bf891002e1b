/// What stands between the parts of a body, as its content type says (RFC 2046, section 5.1.1).
struct MultipartBoundary: Equatable {
    let bytes: [UInt8]

    /// Reads the boundary of a `multipart/form-data` type.
    ///
    /// - Throws: `unsupportedType` for another type, `malformed` for a boundary that is missing, double or against the rules.
    init(_ type: FieldParameters?) throws(ContentError) {
        guard let type, type.value == "multipart/form-data" else {
            throw .unsupportedType(accepted: "multipart/form-data")
        }
        let boundaries = type.values(of: "boundary")
        guard boundaries.count == 1, let boundary = boundaries.first else {
            throw .malformed("Content-Type must name one boundary of the multipart body.")
        }
        bytes = Array(boundary.utf8)
        guard (1...70).contains(bytes.count), bytes.allSatisfy(Self.isAllowed), bytes.last != UInt8(ascii: " ") else {
            throw .malformed("The boundary in Content-Type is too long or has characters that it must not have.")
        }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "'()+_,-./:=? ".utf8.contains(byte)
        }
    }
}
