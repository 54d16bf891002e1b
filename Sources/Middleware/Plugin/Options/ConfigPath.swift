import Foundation

/// An option that names a file or a folder; a relative one is looked for beside the configuration file, wherever the
/// server was started.
public struct ConfigPath: Decodable, Sendable, Hashable, CustomStringConvertible {
    /// The path, absolute or relative to the working folder: what to open.
    public let path: String

    /// Creates a path.
    ///
    /// - Parameters:
    ///   - text: The path as it is written in the configuration.
    ///   - folder: What a relative one is relative to; the working folder where it is left out.
    public init(_ text: String, in folder: String = "") {
        path = text.hasPrefix("/") || folder.isEmpty || folder == "." ? text : "\(folder)/\(text)"
    }

    /// Decodes a path.
    ///
    /// - Parameter decoder: Where it stands; its `userInfo` may name the folder.
    /// - Throws: What decoding throws; also for an empty path, which would be the folder itself.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard !text.isEmpty, !text.utf8.contains(0) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "expected a path, found \"\"")
            )
        }
        self.init(text, in: Self.folderKey.flatMap { decoder.userInfo[$0] as? String } ?? "")
    }

    /// The path.
    public var description: String { path }

    /// Whether there is something at this path.
    public var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// Under which a decoder names the folder that relative paths are relative to, as a `String`.
    public static let folderKey = CodingUserInfoKey(rawValue: "baton.folder")
}
