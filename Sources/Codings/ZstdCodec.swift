import CZstd

@safe
final class ZstdCodec: Codec {
    private let context: OpaquePointer?

    init(_ effort: ContentCoding.Effort) {
        let level: Int32 =
            switch effort {
            case .fast: 1
            case .balanced: 3
            case .small: 9
            }
        unsafe context = unsafe ZSTD_createCCtx()
        guard let context = unsafe context else { return }
        _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
        // A window of 256 KiB, for the memory of streams that stay open; HTTP allows no more than 8 MiB (RFC 9659).
        _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 18)
    }

    deinit { if let context = unsafe context { _ = unsafe ZSTD_freeCCtx(context) } }

    func process(_ input: UnsafeRawBufferPointer, _ operation: CodecOperation, into output: inout [UInt8]) -> Bool {
        guard let context = unsafe context else { return false }
        let directive =
            switch operation {
            case .continue: ZSTD_e_continue
            case .flush: ZSTD_e_flush
            case .finish: ZSTD_e_end
            }
        var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var left = 0
        var isDone = true
        repeat {
            unsafe output.appendRoom { room in
                var target = unsafe ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
                left = unsafe ZSTD_compressStream2(context, &target, &source, directive)
                isDone = ZSTD_isError(left) == 0
                return unsafe target.pos
            }
            guard isDone else { return false }
            // What is left is only a hint until a flush or the end was asked for.
        } while unsafe operation == .continue ? source.pos < source.size : left > 0
        return true
    }
}
