import EventServer

/// What the text at the place of a parameter must be for the route to have the path: `{id:int}`.
enum ParameterType: String, Sendable, Hashable, CaseIterable {
    /// A whole number that fits an `Int`, in its one spelling: neither `+7` nor `007`.
    case int
    /// A UUID in its 36 characters, in either case (RFC 9562, section 4).
    case uuid
    /// Any segment that is not empty: `{id}`.
    ///
    /// The last case, since the cases are in the order in which they are tried.
    case text

    func accepts(_ text: some StringProtocol) -> Bool {
        switch self {
        case .int: Int(text).map { String($0) == text } ?? false
        case .uuid: Self.isUUID(text)
        case .text: !text.isEmpty
        }
    }

    private static func isUUID(_ text: some StringProtocol) -> Bool {
        let hyphens: Set = [8, 13, 18, 23]
        let bytes = text.utf8
        return bytes.count == 36
            && zip(0..., bytes)
                .allSatisfy { place, byte in
                    hyphens.contains(place) ? byte == UInt8(ascii: "-") : ASCII.hexDigit(byte) != nil
                }
    }
}
