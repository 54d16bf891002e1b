/// An option that nobody is to read: a password, a key, a token.
///
/// Written as text in `config.yml`, better as `${ENV:NAME}` or `${FILE:path}`. It is redacted wherever it is printed: its
/// ``description`` does not tell it, nor does Baton where it shows the configuration.
public struct Secret: Decodable, Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    /// The text itself, for whoever has to compare or to sign with it.
    public let text: String

    /// Creates a secret.
    ///
    /// - Parameter text: The text.
    public init(_ text: String) { self.text = text }

    /// Creates a secret, for tests.
    ///
    /// - Parameter value: The text.
    public init(stringLiteral value: String) { text = value }

    /// Decodes a text.
    ///
    /// - Parameter decoder: Where the text stands.
    /// - Throws: What decoding throws.
    public init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }

    /// Not the text.
    public var description: String { "(redacted)" }

    /// Not the text.
    public var debugDescription: String { description }

    /// Not the text.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
