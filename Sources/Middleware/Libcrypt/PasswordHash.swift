import CCrypt

/// The hash of a password, as `htpasswd -B` (bcrypt) or `openssl passwd -6` (sha512) writes it.
struct PasswordHash: Sendable {
    /// bcrypt looks at no more bytes of a password, and sha512 takes longer with each: so this is all that anybody may send.
    static let longestPassword = 72

    private let text: String

    /// - Parameter text: The hash with its settings.
    /// - Throws: ``Fault`` for what is none, for other kinds, which are broken or too easy to guess, and for one that would take
    ///   seconds to check.
    init(_ text: String) throws(Fault) {
        if text.hasPrefix("$2a$") || text.hasPrefix("$2b$") || text.hasPrefix("$2y$") {
            try Self.checkBcrypt(text)
        } else if text.hasPrefix("$6$") {
            try Self.checkSHA512(text)
        } else {
            throw Fault(
                "is no bcrypt ($2b$) or sha512 ($6$) hash; make one with `htpasswd -nB NAME` or `openssl passwd -6`"
            )
        }
        self.text = text
    }

    /// Whether a password has this hash.
    ///
    /// It takes milliseconds to a second, by design: never to be called on an event loop.
    ///
    /// - Parameter password: The password. One with a NUL never has: C would compare what stands before it only.
    /// - Returns: Whether it has.
    func matches(_ password: String) -> Bool {
        guard password.utf8.count <= Self.longestPassword, !password.utf8.contains(0) else { return false }
        return unsafe baton_crypt_matches(password, text) == 1  // Two texts that end with NUL, for as long as the call.
    }

    /// What is wrong with a hash, in words that follow "the hash".
    struct Fault: Error {
        let description: String

        init(_ description: String) { self.description = description }
    }

    private static func checkBcrypt(_ text: String) throws(Fault) {
        let parts = text.split(separator: "$")
        guard parts.count == 3, parts[1].count == 2, let cost = Int(parts[1]), parts[2].count == 53,
            isAlphabet(parts[2])
        else { throw Fault("is cut off, or has been changed: a bcrypt hash has 60 characters") }
        guard (4...15).contains(cost) else {
            throw Fault(
                "has the cost \(cost): each login would take a worker for seconds; 10 to 12 is usual, 15 the most"
            )
        }
    }

    private static func checkSHA512(_ text: String) throws(Fault) {
        var parts = text.split(separator: "$", omittingEmptySubsequences: false).dropFirst(2)
        if let setting = parts.first, setting.hasPrefix("rounds=") {
            guard let rounds = Int(setting.dropFirst(7)), (1000...1_000_000).contains(rounds) else {
                throw Fault("has rounds that are no number from 1000 to 1000000")
            }
            parts.removeFirst()
        }
        guard parts.count == 2, let salt = parts.first, let digest = parts.last, (1...16).contains(salt.count),
            isAlphabet(salt), digest.count == 86, isAlphabet(digest)
        else { throw Fault("is cut off, or has been changed: a sha512 hash ends with 86 characters behind its salt") }
    }

    private static func isAlphabet(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: ".")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
    }
}
