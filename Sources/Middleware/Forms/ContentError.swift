public import EventServer
import HTTPTypes

/// What a client sent cannot be used: its type, its syntax, its values or its size.
///
/// Thrown out of a handler, it becomes a response with the status and the sentence. The sentence names the client's field, and no
/// type of the application.
public struct ContentError: HTTPResponseError, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, for code that decides by it.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        /// The content is of a type that is not read here: 415.
        public static let unsupportedType = Code(description: "unsupportedType")
        /// The content breaks the rules of its type: 400.
        public static let malformed = Code(description: "malformed")
        /// The content can be read, but a value is missing or not what it should be: 422, or 400 for the path and the query.
        public static let invalidValue = Code(description: "invalidValue")
        /// The content, or one part of it, is larger than allowed: 413.
        public static let tooLarge = Code(description: "tooLarge")
        /// There are more fields or parts than allowed: 413, or 400 for the query.
        public static let tooMany = Code(description: "tooMany")
    }

    /// What is wrong.
    public let code: Code

    /// The field that is to blame, such as `email` or `items[2].price`; `nil` where it is the content as a whole.
    public let field: String?

    /// What is wrong, in sentences for the client.
    public let description: String

    private let status: HTTPResponse.Status
    private let accepted: String?

    private init(
        _ code: Code,
        _ status: HTTPResponse.Status,
        field: String? = nil,
        accepted: String? = nil,
        _ description: String
    ) {
        self.code = code
        self.status = status
        self.field = field
        self.accepted = accepted
        self.description = description
    }

    /// The sentence as plain text, with the status.
    ///
    /// - Returns: The response.
    public func makeResponse() -> Response {
        var error = HTTPError(status, description)
        // RFC 9110, section 15.5.16: with 415, Accept says what would have been understood.
        if let accepted { error.headers[.accept] = accepted }
        return error.makeResponse()
    }
}

extension ContentError {
    static func unsupportedType(accepted: String) -> ContentError {
        ContentError(
            .unsupportedType,
            .unsupportedMediaType,
            accepted: accepted,
            "Send the body as \(accepted), and say so in Content-Type."
        )
    }

    static func unsupportedEncoding(of name: String) -> ContentError {
        ContentError(
            .unsupportedType,
            .unsupportedMediaType,
            field: name,
            "The part \(quoted(name)) has a Content-Transfer-Encoding; send its bytes as they are."
        )
    }

    static func malformed(_ description: String) -> ContentError {
        ContentError(.malformed, .badRequest, description)
    }

    static func invalidValue(_ field: String, of source: FormFields.Source, _ problem: String) -> ContentError {
        let field = shortened(field)
        let noun =
            switch source {
            case .path: "path parameter"
            case .query: "query parameter"
            case .body: "field"
            }
        return ContentError(
            .invalidValue,
            source == .body ? .unprocessableContent : .badRequest,
            field: field,
            "The \(noun) \(quoted(field)) \(problem)."
        )
    }

    static func invalidContent(_ description: String) -> ContentError {
        ContentError(.invalidValue, .unprocessableContent, description)
    }

    static func tooManyFields(limit: Int, of source: FormFields.Source) -> ContentError {
        ContentError(
            .tooMany,
            source == .query ? .badRequest : .contentTooLarge,
            "There are more than the \(limit) fields that are allowed here."
        )
    }

    static func tooManyParts(limit: Int) -> ContentError {
        ContentError(.tooMany, .contentTooLarge, "There are more than the \(limit) parts that are allowed here.")
    }

    static func partTooLarge(_ name: String, limit: Int) -> ContentError {
        ContentError(
            .tooLarge,
            .contentTooLarge,
            field: shortened(name),
            "The part \(quoted(name)) is larger than the \(limit) bytes that are allowed here."
        )
    }

    static func filesTooLarge(limit: Int) -> ContentError {
        ContentError(
            .tooLarge,
            .contentTooLarge,
            "The parts together are larger than the \(limit) bytes that may be stored here."
        )
    }

    /// A name that came from the client, made fit for one line of a response.
    private static func quoted(_ name: String) -> String { "\"\(shortened(name))\"" }

    private static func shortened(_ name: String) -> String {
        let scalars = name.unicodeScalars.prefix(100).map { $0.properties.isPrintable ? $0 : "?" }
        return String(String.UnicodeScalarView(scalars))
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isPrintable: Bool {
        switch generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
        default: true
        }
    }
}
