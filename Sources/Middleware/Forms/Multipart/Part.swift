public import HTTPTypes

/// A part of a multipart body: a field of a form, or a file.
public struct Part: Sendable {
    /// What a part contains.
    public enum Content: Sendable {
        /// Up to ``MultipartLimits/memorySize``: the bytes.
        case bytes([UInt8])
        /// Beyond that: a file that lasts as long as somebody refers to it.
        case file(TemporaryFile)
    }

    /// The name of the field.
    public let name: String

    /// What the client calls the file, without folders; `nil` for a part that is no file, empty where no file was chosen.
    ///
    /// It is a text to show, not a path to write to: it may be anything, also the name of another file.
    public let filename: String?

    /// The header fields of the part.
    public let headers: HTTPFields

    /// The content.
    public let content: Content

    /// The type of the content, as the client says; `nil` where it does not.
    public var contentType: String? { headers[.contentType] }

    /// The size of the content, in bytes.
    public var size: Int {
        switch content {
        case .bytes(let bytes): bytes.count
        case .file(let file): file.size
        }
    }

    /// Reads the whole content into memory.
    ///
    /// - Parameter limit: The most bytes to accept.
    /// - Returns: The bytes.
    /// - Throws: ``ContentError`` with the code `tooLarge` beyond the limit; what ``TemporaryFile/bytes()`` throws.
    public func bytes(upTo limit: Int = .max) async throws -> [UInt8] {
        guard size <= limit else { throw ContentError.partTooLarge(name, limit: limit) }
        switch content {
        case .bytes(let bytes): return bytes
        case .file(let file): return try await file.bytes()
        }
    }

    /// Reads the content as text in UTF-8.
    ///
    /// - Parameter limit: The most bytes to accept.
    /// - Returns: The text.
    /// - Throws: What ``bytes(upTo:)`` throws; ``ContentError`` with the code `malformed` for what is not UTF-8.
    public func text(upTo limit: Int = .max) async throws -> String {
        guard let text = String(validating: try await bytes(upTo: limit), as: UTF8.self) else {
            throw ContentError.malformed("A part that should be text is not UTF-8.")
        }
        return text
    }
}
