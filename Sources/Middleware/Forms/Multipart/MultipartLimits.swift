/// How much of a multipart body is accepted, and how much of it is held in memory.
public struct MultipartLimits: Sendable, Equatable {
    /// The most bytes of the whole body; without it, what the server accepts.
    public var size: Int?
    /// How many parts there may be.
    public var partCount = 128
    /// The most bytes of one part's content.
    public var partSize = Int.max
    /// Up to how many bytes a part's content stays in memory; a larger one goes to a temporary file.
    public var memorySize = 65_536
    /// The most bytes that all parts together may put into temporary files.
    public var temporarySize = Int.max
    /// The most bytes of one part's header section.
    public var headerSize = 8192
    /// How many fields the header section of a part may have.
    public var headerCount = 32

    /// The limits as described.
    public init() {}
}
