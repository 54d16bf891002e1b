/// A way to make content smaller on its way (RFC 9110, section 8.4.1).
public enum ContentCoding: String, Sendable, CaseIterable {
    /// RFC 1952.
    case gzip
    /// Brotli, RFC 7932.
    case br
    /// Zstandard, RFC 8878.
    case zstd

    /// How much work is put into it.
    public enum Effort: String, Sendable, CaseIterable {
        /// As fast as it can be done with some use.
        case fast
        /// What a server can do while its client waits.
        case balanced
        /// Small, at several times the work.
        case small
    }

    func makeCodec(_ effort: Effort) -> any Codec {
        switch self {
        case .gzip: GzipCodec(effort)
        case .br: BrotliCodec(effort)
        case .zstd: ZstdCodec(effort)
        }
    }
}

/// What stands between the bytes of a call and a C library.
protocol Codec: AnyObject {
    /// Takes all of `input`, and appends what comes out.
    ///
    /// - Returns: Whether the library could do it.
    func process(_ input: UnsafeRawBufferPointer, _ operation: CodecOperation, into output: inout [UInt8]) -> Bool
}

enum CodecOperation {
    /// Keep back what makes the whole smaller.
    case `continue`
    /// Let out all that has been put in, so that the other side can read it.
    case flush
    /// The end.
    case finish
}

/// How much room a library gets at a time.
let codecRoom = 16_384

extension [UInt8] {
    /// Appends what `body` writes.
    ///
    /// - Parameters:
    ///   - count: How much room there is.
    ///   - body: Receives the room, and returns how much of it was used.
    mutating func appendRoom(_ count: Int = codecRoom, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        // What is not written is not counted, and so never read.
        let piece = unsafe [UInt8](unsafeUninitializedCapacity: count) { room, used in
            used = unsafe Swift.min(count, Swift.max(0, body(room)))  // `body` keeps within the room that it is shown.
        }
        self += piece
    }
}
