import Crypto

/// The owners of API keys, by what is stored of the keys: their SHA-256.
///
/// A fast hash is enough for what is long and random, unlike a password; so it can be checked at each request.
struct APIKeyTable: Sendable {
    private let entries: [(owner: String, digest: [UInt8])]

    /// - Parameter digests: What ``digest(_:)`` made of each owner's.
    init(_ digests: [String: [UInt8]]) {
        entries = digests.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    var isEmpty: Bool { entries.isEmpty }

    /// Compares with all of them and in constant time: neither the place of the first difference shows nor whose key it is.
    func owner(of key: String) -> String? {
        let digest = SHA256.hash(data: Array(key.utf8))
        return entries.reduce(nil) { found, entry in digest == entry.digest ? entry.owner : found }
    }

    /// The bytes of `sha256:` and 64 hexadecimal figures; `nil` for anything else.
    static func digest(_ text: String) -> [UInt8]? {
        guard text.hasPrefix("sha256:") else { return nil }
        let figures = text.utf8.dropFirst(7).map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard figures.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let high = figures[index], let low = figures[index + 1] else { return nil }
            bytes.append(UInt8(high * 16 + low))
        }
        return bytes
    }
}
