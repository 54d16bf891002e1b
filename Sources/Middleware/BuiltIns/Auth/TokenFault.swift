/// What is wrong with a token, or with a key that tokens are checked with: for the log, and not for who sent it.
struct TokenFault: Error, Sendable, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// The description, for who reads it alone.
    var sentence: String { "\(description.prefix(1).uppercased())\(description.dropFirst())." }
}
