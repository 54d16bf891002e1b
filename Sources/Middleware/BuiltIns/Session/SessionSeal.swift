import Crypto
import Foundation

/// Encrypts and signs what clients keep (AES-256-GCM), so that they can neither read nor change it.
struct SessionSeal: Sendable {
    private static let version: UInt8 = 1
    /// The version, the nonce and the tag.
    private static let overhead = 1 + 12 + 16

    private let keys: [SymmetricKey]

    /// - Parameters:
    ///   - secrets: The first seals, all open.
    ///   - purpose: What it is for: the same secrets make other keys for something else.
    init(_ secrets: [String], for purpose: String) {
        keys = secrets.map { secret in
            HKDF<SHA256>
                .deriveKey(
                    inputKeyMaterial: SymmetricKey(data: Array(secret.utf8)),
                    info: Array("baton session 1 \(purpose)".utf8),
                    outputByteCount: 32
                )
        }
    }

    func seal(_ content: Data) throws -> String {
        guard let key = keys.first, let sealed = try AES.GCM.seal(content, using: key).combined else {
            throw CryptoKitError.incorrectKeySize
        }
        return Base64URL.encode(Data([Self.version]) + sealed)
    }

    /// - Parameter text: What a client has sent.
    /// - Returns: What was sealed, and whether the first key had done it; `nil` for what no key of ours has.
    func open(_ text: Substring) -> (content: Data, isCurrent: Bool)? {
        guard let data = Base64URL.decode(text), data.count >= Self.overhead, data.first == Self.version,
            let box = try? AES.GCM.SealedBox(combined: data.dropFirst())
        else { return nil }
        for (number, key) in keys.enumerated() {
            if let content = try? AES.GCM.open(box, using: key) { return (content, number == 0) }
        }
        return nil
    }

    /// How many bytes can be sealed into a text of so many characters.
    static func capacity(of characters: Int) -> Int { max(0, characters * 3 / 4 - overhead) }
}
