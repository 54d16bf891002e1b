/// How much of a header section the parser accepts.
///
/// All are on by default, since no limit means unlimited memory.
public struct ParserLimits: Sendable, Equatable {
    /// The longest request target, in bytes; beyond it the answer is 414.
    public var target = 8192

    /// The largest header section, in bytes, request line included; beyond it the answer is 431.
    public var header = 65_536

    /// The most header fields; beyond it the answer is 431.
    public var fieldCount = 100

    /// The limits that hold where nothing else is said.
    public init() {}
}
