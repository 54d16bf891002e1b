/// An element of a list, with its place there: where others are mistakes, these are left out, and it is not the number that it
/// would be counted as.
struct Placed<Value: Decodable & Sendable>: Decodable, Sendable {
    let value: Value
    /// Its place in the list; 0 where it stands alone.
    let index: Int

    init(from decoder: any Decoder) throws {
        value = try decoder.singleValueContainer().decode(Value.self)
        index = decoder.codingPath.last?.intValue ?? 0
    }
}
