import CZstd

@safe
final class ZstdCodec: Codec {
    /// Of the library, made here and freed here; nobody else has it.
    private let context: OpaquePointer?

    init(_ effort: ContentCoding.Effort) {
        let level: Int32 =
            switch effort {
            case .fast: 1
            case .balanced: 3
            case .small: 9
            }
        unsafe context = unsafe ZSTD_createCCtx()  // `nil` where there is no memory.
        guard let context = unsafe context else { return }  // Looked at, not behind it.
        _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)  // It lives until `deinit`.
        // A window of 256 KiB, for the memory of streams that stay open; HTTP allows no more than 8 MiB (RFC 9659).
        _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 18)  // It lives until `deinit`.
    }

    // Once, and the last that is done with it.
    deinit { if let context = unsafe context { _ = unsafe ZSTD_freeCCtx(context) } }

    func process(_ input: UnsafeRawBufferPointer, _ operation: CodecOperation, into output: inout [UInt8]) -> Bool {
        guard let context = unsafe context else { return false }  // Looked at, not behind it.
        let directive =
            switch operation {
            case .continue: ZSTD_e_continue
            case .flush: ZSTD_e_flush
            case .finish: ZSTD_e_end
            }
        // An address and its size, for as long as the call.
        var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var left = 0
        var isDone = true
        repeat {
            unsafe output.appendRoom { room in  // Within the room, whose size the library is told.
                var target = unsafe ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)  // As above.
                left = unsafe ZSTD_compressStream2(context, &target, &source, directive)  // Keeps within both sizes.
                isDone = ZSTD_isError(left) == 0
                return unsafe target.pos  // A number of ours.
            }
            guard isDone else { return false }
            // What is left is only a hint until a flush or the end was asked for.
        } while unsafe operation == .continue ? source.pos < source.size : left > 0  // Numbers of ours.
        return true
    }
}
