public import EventServer
import Foundation

extension Request {
    /// Reads and decodes a body of JSON.
    ///
    /// The type must be said: `application/json` or one that ends with `+json`. A body without a type is refused as well, since
    /// a foreign page may send that to a browser's other sites without asking, and JSON it may not.
    ///
    /// - Parameters:
    ///   - type: What to decode.
    ///   - limit: The most bytes to accept; without it, what the server accepts.
    /// - Returns: The value.
    /// - Throws: ``ContentError``: `unsupportedType` for another type, `malformed` for what is not JSON, `invalidValue`, which
    ///   names the path to the field, for JSON that is not what the type asks for. `RequestBodyError` where the body is too
    ///   large or does not arrive. What the type's own decoding throws otherwise.
    public func json<Value: Decodable>(_ type: Value.Type = Value.self, upTo limit: Int? = nil) async throws -> Value {
        guard let mediaType, mediaType.isJSON else { throw ContentError.unsupportedType(accepted: "application/json") }
        let bytes = try await body.collect(upTo: limit)
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw ContentError(json: error)
        }
    }
}

extension FieldParameters {
    fileprivate var isJSON: Bool {
        // RFC 8259, section 8.1: UTF-8 and nothing else.
        guard values(of: "charset").allSatisfy({ $0.lowercased() == "utf-8" }) else { return false }
        return value == "application/json" || (value.hasSuffix("+json") && value.contains("/"))
    }
}

extension ContentError {
    /// What a client is told of a mistake in its JSON: where it is and what belongs there, but no name of a type of ours.
    fileprivate init(json error: DecodingError) {
        let problem: String
        switch error {
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            self = .malformed("The body is not valid JSON.")
            return
        case .keyNotFound: problem = "is missing"
        case .valueNotFound: problem = "must not be null"
        case .typeMismatch(let type, _): problem = "must be \(Self.noun(for: type))"
        default: problem = "has a value that is not allowed"
        }
        let path = error.path
        self =
            path.isEmpty
            ? .invalidContent("The JSON as a whole \(problem).")
            : .invalidValue(path, of: .body, problem)
    }

    private static func noun(for type: Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Bool.Type: "true or false"
        case is any FixedWidthInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is any ArrayOfAny.Type: "a list"
        case is any MapOfAny.Type: "an object"
        default: "of another type"
        }
    }
}

private protocol ArrayOfAny {}
private protocol MapOfAny {}
extension Array: ArrayOfAny {}
extension Dictionary: MapOfAny {}
