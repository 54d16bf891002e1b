import Foundation

/// What is written of a session, sealed into a cookie or left with a store.
struct SessionContent: Codable, Sendable {
    /// `nil` until it is written for the first time.
    var id: String?
    /// When it began, in seconds since 1970.
    var created: Int
    /// When it was written last.
    var seen: Int
    /// Each as JSON.
    var values: [String: String] = [:]

    private enum CodingKeys: String, CodingKey {
        case id = "i"
        case created = "c"
        case seen = "s"
        case values = "v"
    }

    /// As bytes; always the same number for the same values, whatever id and times are.
    var json: Data {
        var whole = self
        // The id has its place in the measure before it is there.
        whole.id = id ?? String(repeating: "-", count: 22)
        return (try? JSONEncoder().encode(whole)) ?? Data()
    }

    /// Sixteen random bytes.
    static func makeID() -> String {
        var bytes = Data()
        for _ in 0..<2 {
            let number = UInt64.random(in: .min ... .max)
            for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        return Base64URL.encode(bytes)
    }

    /// Whether it is still valid; a clock that was set back makes it no older.
    func isAlive(at now: Int, idle: Duration, lifetime: Duration) -> Bool {
        // As floating point, since what a store gives back may be any number.
        Double(now) - Double(seen) < Double(idle.components.seconds)
            && Double(now) - Double(created) < Double(lifetime.components.seconds)
    }
}
