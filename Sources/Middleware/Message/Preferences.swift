/// What a client prefers, as `Accept` and its kin say it: `text/html, application/json;q=0.5` (RFC 9110, section 12.4.2).
///
/// What cannot be read is left out, as if it were not there: a preference is no reason to refuse a request.
struct Preferences: Sendable {
    struct Choice: Sendable, Equatable {
        /// In small letters, without parameters.
        let name: Substring
        /// 0 to 1000; 0 for what is not wanted at all.
        let weight: Int
    }

    /// A client that sends more does not mean it.
    private static let limit = 64

    let choices: [Choice]

    /// - Parameter fields: The values of all fields of the name.
    init(_ fields: [String]) {
        choices = fields.flatMap { $0.lowercased().split(separator: ",").prefix(Self.limit) }
            .prefix(Self.limit)
            .compactMap(Self.read)
    }

    /// The weight of something: what its most specific name says.
    ///
    /// - Parameter names: What it is called, the most specific name first.
    /// - Returns: The weight; `nil` where none of the names is there.
    func weight(of names: String...) -> Int? {
        for name in names { if let choice = choices.first(where: { $0.name == name }) { return choice.weight } }
        return nil
    }

    private static func read(_ text: Substring) -> Choice? {
        let parts = text.split(separator: ";").map { $0.trimmed }
        guard let name = parts.first, !name.isEmpty else { return nil }
        // What looks like a weight and cannot be read is none that says yes.
        guard let field = parts.dropFirst().first(where: Self.isWeight) else { return Choice(name: name, weight: 1000) }
        guard field.utf8.starts(with: "q=".utf8) else { return nil }
        return Self.weight(Substring(field.utf8.dropFirst(2))).map { Choice(name: name, weight: $0) }
    }

    private static func isWeight(_ field: Substring) -> Bool {
        let rest = field.utf8.drop { $0 == UInt8(ascii: "q") }
        guard rest.count == field.utf8.count - 1 else { return false }
        return rest.first.map { [UInt8(ascii: "="), UInt8(ascii: " "), 0x09].contains($0) } ?? true
    }

    /// `0`, `0.5`, `1.000`: at most three figures behind the point, and nothing above 1.
    private static func weight(_ text: Substring) -> Int? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts[0] == "0" || parts[0] == "1" else { return nil }
        let figures = parts.count == 2 ? parts[1] : ""
        guard figures.utf8.count <= 3, figures.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let padded = figures + String(repeating: "0", count: 3 - figures.utf8.count)
        let weight = (parts[0] == "1" ? 1000 : 0) + (Int(padded) ?? 0)
        return weight <= 1000 ? weight : nil
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
