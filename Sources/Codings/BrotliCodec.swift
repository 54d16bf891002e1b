import CBrotli

@safe
final class BrotliCodec: Codec {
    private let encoder: OpaquePointer?

    init(_ effort: ContentCoding.Effort) {
        let quality: UInt32 =
            switch effort {
            case .fast: 1
            case .balanced: 4
            // Beyond 5 it clears tables of megabytes for each stream, which takes milliseconds however small that is.
            case .small: 5
            }
        unsafe encoder = unsafe BrotliEncoderCreateInstance(nil, nil, nil)
        guard let encoder = unsafe encoder else { return }
        _ = unsafe BrotliEncoderSetParameter(encoder, BROTLI_PARAM_QUALITY, quality)
        // A window of 256 KiB: its own choice of 4 MiB would be taken by each of the streams that are open.
        _ = unsafe BrotliEncoderSetParameter(encoder, BROTLI_PARAM_LGWIN, 18)
    }

    deinit { if let encoder = unsafe encoder { unsafe BrotliEncoderDestroyInstance(encoder) } }

    func process(_ input: UnsafeRawBufferPointer, _ operation: CodecOperation, into output: inout [UInt8]) -> Bool {
        guard let encoder = unsafe encoder else { return false }
        let step =
            switch operation {
            case .continue: BROTLI_OPERATION_PROCESS
            case .flush: BROTLI_OPERATION_FLUSH
            case .finish: BROTLI_OPERATION_FINISH
            }
        var left = input.count
        var next = unsafe input.bindMemory(to: UInt8.self).baseAddress
        var isDone = true
        repeat {
            unsafe output.appendRoom { room in
                var space = room.count
                var place = room.baseAddress
                isDone =
                    unsafe BrotliEncoderCompressStream(encoder, step, &left, &next, &space, &place, nil) == BROTLI_TRUE
                return room.count - space
            }
            guard isDone else { return false }
        } while unsafe left > 0 || BrotliEncoderHasMoreOutput(encoder) == BROTLI_TRUE
        return unsafe operation != .finish || BrotliEncoderIsFinished(encoder) == BROTLI_TRUE
    }
}
