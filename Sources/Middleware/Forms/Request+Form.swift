public import EventServer
import HTTPTypes

extension Request {
    /// Reads a body of `application/x-www-form-urlencoded`, as a form without files sends it.
    ///
    /// - Parameters:
    ///   - limit: The most bytes to accept; without it, what the server accepts.
    ///   - countLimit: How many fields there may be.
    /// - Returns: The fields.
    /// - Throws: ``ContentError``: `unsupportedType`, `malformed` or `tooMany`; `RequestBodyError` where the body is too large or
    ///   does not arrive.
    public func form(
        upTo limit: Int? = nil,
        countLimit: Int = FormFields.defaultCountLimit
    ) async throws -> FormFields {
        let accepted = "application/x-www-form-urlencoded"
        guard mediaType?.value == accepted else { throw ContentError.unsupportedType(accepted: accepted) }
        guard let text = String(validating: try await body.collect(upTo: limit), as: UTF8.self) else {
            throw ContentError.malformed("The form is not UTF-8.")
        }
        return try FormFields(encoded: text[...].utf8, source: .body, countLimit: countLimit)
    }

    /// Reads a form as ``form(upTo:countLimit:)`` does, and decodes it as ``FormFields/decode(_:)`` does.
    ///
    /// - Parameters:
    ///   - type: A flat type.
    ///   - limit: The most bytes to accept; without it, what the server accepts.
    /// - Returns: The value.
    /// - Throws: ``ContentError`` for what the client did wrong; `RequestBodyError` where the body is too large or does not
    ///   arrive.
    public func form<Value: Decodable>(_ type: Value.Type, upTo limit: Int? = nil) async throws -> Value {
        try await form(upTo: limit).decode(type)
    }

    /// The type of the body; `nil` where there is none, more than one, or one that cannot be read.
    var mediaType: FieldParameters? {
        let values = headerValues(.contentType)
        guard values.count == 1 else { return nil }
        return FieldParameters(values[0])
    }
}
