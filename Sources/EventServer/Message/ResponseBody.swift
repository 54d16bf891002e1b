/// The body of a response: bytes in memory, parts of files, or a stream that is made while it is sent.
///
/// It is a value; a stream's producer runs at most once all the same, when the response is sent.
public struct ResponseBody: Sendable, ExpressibleByArrayLiteral {
    /// Makes a stream: writes to the writer, and returns when there is no more.
    public typealias Producer = @Sendable (ResponseWriter) async throws -> Void

    enum Content: Sendable {
        case bytes([UInt8])
        case segments([Segment])
        case stream(Stream)
    }

    /// A piece of a body that lies ready.
    enum Segment: Sendable {
        case bytes([UInt8])
        case file(OpenFile, offset: Int, count: Int)

        var count: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .file(_, offset: _, let count): count
            }
        }
    }

    /// In a box, so that a response with bytes stays small.
    final class Stream: Sendable {
        let length: Int?
        let producer: Producer

        init(length: Int?, producer: @escaping Producer) {
            self.length = length
            self.producer = producer
        }
    }

    var content: Content

    init(_ content: Content) { self.content = content }

    /// A body of these bytes.
    ///
    /// - Parameter elements: The bytes.
    public init(arrayLiteral elements: UInt8...) { content = .bytes(elements) }

    /// A body of bytes in memory.
    ///
    /// - Parameter bytes: The bytes.
    /// - Returns: The body.
    public static func bytes(_ bytes: [UInt8]) -> ResponseBody { ResponseBody(.bytes(bytes)) }

    /// A body that is made while it is sent.
    ///
    /// The producer starts when the response is about to be sent, as a task of the event loop; it is not run in answer to
    /// HEAD. When the client leaves, its task is cancelled and its writer throws. An error that it throws cuts the connection
    /// off, so that the client sees that something is missing.
    ///
    /// - Parameters:
    ///   - length: The number of bytes where it is known, which is then sent as `Content-Length`; without it the body is sent
    ///     chunked.
    ///   - producer: Writes the body.
    /// - Returns: The body.
    public static func stream(length: Int? = nil, _ producer: @escaping Producer) -> ResponseBody {
        ResponseBody(.stream(Stream(length: length.map { max(0, $0) }, producer: producer)))
    }

    static func segments(_ segments: [Segment]) -> ResponseBody { ResponseBody(.segments(segments)) }

    /// The bytes, where the body lies in memory; `nil` for a file or a stream.
    public var bytes: [UInt8]? {
        guard case .bytes(let bytes) = content else { return nil }
        return bytes
    }

    /// Whether the body is made while it is sent.
    public var isStream: Bool { if case .stream = content { true } else { false } }

    /// The number of bytes; `nil` for a stream whose length is not known before its end.
    public var length: Int? {
        switch content {
        case .bytes(let bytes): bytes.count
        case .segments(let segments): segments.reduce(0) { $0 + $1.count }
        case .stream(let stream): stream.length
        }
    }

    /// The same body, whose producer runs inside of `wrap` where it is a stream.
    ///
    /// For what must be around all the code of a request: its context, a measurement.
    ///
    /// - Parameter wrap: Receives the producer, and calls it.
    /// - Returns: The body.
    public func wrappingProducer(
        _ wrap: @escaping @Sendable (Producer, ResponseWriter) async throws -> Void
    ) -> ResponseBody {
        guard case .stream(let stream) = content else { return self }
        return .stream(length: stream.length) { writer in try await wrap(stream.producer, writer) }
    }

    /// What makes the body, where it is a stream; `nil` where it lies ready.
    ///
    /// For middleware that sends something else in its place: see ``ResponseWriter/init(_:)``.
    public var producer: Producer? {
        guard case .stream(let stream) = content else { return nil }
        return stream.producer
    }
}
