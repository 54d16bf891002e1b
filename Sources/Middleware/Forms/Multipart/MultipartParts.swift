import ContextPool
import EventServer

/// The parts of a multipart body, one after the other as they arrive.
///
/// A part is handed out when its content is there as a whole: in memory where it is small, else in a temporary file. Nothing is
/// read of the body while a file is written or while nobody asks for the next part. The body arrives once, so that the parts
/// can be iterated over once.
public struct MultipartParts: AsyncSequence, Sendable {
    /// A part.
    public typealias Element = Part

    let type: FieldParameters?
    let body: RequestBody
    let limits: MultipartLimits
    let folder: String
    let pool: ContextPool?

    /// Begins to read.
    ///
    /// - Returns: An iterator for one task.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(parts: self) }

    /// Reads the parts of a body.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let parts: MultipartParts
        private var chunks: RequestBody.AsyncIterator
        private var parser: MultipartParser?
        private var temporarySize = 0
        private var isFinished = false

        fileprivate init(parts: MultipartParts) {
            self.parts = parts
            let body = parts.limits.size.map { parts.body.limited(to: $0) } ?? parts.body
            chunks = body.makeAsyncIterator()
        }

        /// The next part, once its content is there.
        ///
        /// - Returns: A part, or `nil` at the end of the body.
        /// - Throws: ``ContentError`` for what the client did wrong, `RequestBodyError` where the body does not arrive,
        ///   ``TemporaryFileError`` and `ContextPoolError` where a file cannot be written. After an error there are no more
        ///   parts.
        public mutating func next() async throws -> Part? {
            guard !isFinished else { return nil }
            do {
                let part = try await readPart()
                isFinished = part == nil
                return part
            } catch {
                isFinished = true
                throw error
            }
        }

        private mutating func readPart() async throws -> Part? {
            var head: PartHead?
            var store: PartStore?
            while let event = try await nextEvent() {
                switch event {
                case .part(let next):
                    head = next
                    store = PartStore(name: next.name, limits: parts.limits, folder: parts.folder, pool: parts.pool)
                case .content(let bytes):
                    try await store?.append(bytes, temporarySize: &temporarySize)
                case .partEnd:
                    guard let head, let content = try await store?.finish(temporarySize: &temporarySize) else {
                        continue
                    }
                    return Part(name: head.name, filename: head.filename, headers: head.headers, content: content)
                case .end:
                    return nil
                }
            }
            return nil
        }

        private mutating func nextEvent() async throws -> MultipartParser.Event? {
            var parser =
                try self.parser ?? MultipartParser(boundary: MultipartBoundary(parts.type), limits: parts.limits)
            // The one owner of its buffer changes it in place.
            self.parser = nil
            defer { self.parser = parser }
            var isComplete = false
            while true {
                if let event = try parser.next() { return event }
                guard !isComplete else { return nil }
                guard let bytes = try await chunks.next() else {
                    isComplete = true
                    parser.finish()
                    continue
                }
                parser.receive(bytes)
            }
        }
    }
}
