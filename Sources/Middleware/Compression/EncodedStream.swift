import Codings
import ContextPool
import EventServer

/// Encodes what is written, and passes it on in the order in which it was written.
final class EncodedStream: Sendable {
    /// What is encoded where it is written; more goes to the pool, so that no loop waits for it.
    ///
    /// gzip, the slowest, takes well below a millisecond for so much, and a visit to the pool some microseconds.
    static let inlineLimit = 16_384
    /// How much of a body that lies ready is encoded at a time.
    private static let pieceSize = 131_072

    private let encoder: ContentEncoder
    private let writer: ResponseWriter
    private let pool: ContextPool
    private let turnstile = Turnstile()

    init(_ encoder: ContentEncoder, writer: ResponseWriter, pool: ContextPool) {
        self.encoder = encoder
        self.writer = writer
        self.pool = pool
    }

    /// Encodes what a producer writes; each piece can be read by the client as soon as it arrives.
    static func run(
        _ produce: ResponseBody.Producer,
        with encoder: ContentEncoder,
        to writer: ResponseWriter,
        on pool: ContextPool
    ) async throws {
        let stream = EncodedStream(encoder, writer: writer, pool: pool)
        let front = ResponseWriter { bytes throws(ResponseWriterError) in try await stream.write(bytes) }
        try await produce(front)
        let trailers = front.end()
        try await stream.finish()
        writer.finish(trailers: trailers)
    }

    /// Encodes a body that lies ready, on the pool.
    static func run(
        _ body: ResponseBody,
        with encoder: ContentEncoder,
        to writer: ResponseWriter,
        on pool: ContextPool
    ) async throws {
        let length = body.length ?? 0
        for start in stride(from: 0, to: length, by: pieceSize) {
            let range = start..<min(length, start + pieceSize)
            try await writer.write(try await visit(pool) { try encoder.encode(try body.read(range)) })
        }
        try await writer.write(try encoder.finish())
    }

    /// Runs `operation` on the pool, or here where that has no room: half of a response is out, and must not break off.
    ///
    /// A request that was cancelled hears of it from its writer.
    private static func visit(
        _ pool: ContextPool,
        _ operation: @Sendable () throws -> [UInt8]
    ) async throws -> [UInt8] {
        do {
            return try await pool.run { try operation() }
        } catch is ContextPoolError {
            return try operation()
        } catch is CancellationError {
            return try operation()
        }
    }

    private func write(_ bytes: [UInt8]) async throws(ResponseWriterError) {
        try await turnstile.pass { () async throws(ResponseWriterError) in
            let encoded: [UInt8]
            do {
                encoded = try await self.encode(bytes)
            } catch {
                throw .failed("\(error)")
            }
            try await self.writer.write(encoded)
        }
    }

    private func encode(_ bytes: [UInt8]) async throws -> [UInt8] {
        let encoder = encoder
        if bytes.count > Self.inlineLimit {
            return try await Self.visit(pool) { try encoder.encode(bytes, flush: true) }
        }
        return try encoder.encode(bytes, flush: true)
    }

    private func finish() async throws {
        try await turnstile.pass { try await self.writer.write(try self.encoder.finish()) }
    }
}
