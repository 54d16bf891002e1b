/// Options that were decoded but make no sense.
public struct OptionsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The key that is to blame, below the middleware's own, such as `limit` or `keys.alice`; empty for the options as a whole.
    public let key: String

    /// What is wrong and what to do, in a sentence.
    public let description: String

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - key: The key that is to blame, below the middleware's own; empty for the options as a whole.
    ///   - description: What is wrong and what to do, in a sentence.
    public init(key: String = "", _ description: String) {
        self.key = key
        self.description = description
    }
}
