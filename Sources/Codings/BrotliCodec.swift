import CBrotli

@safe
final class BrotliCodec: Codec {
    /// Of the library, made here and freed here; nobody else has it.
    private let encoder: OpaquePointer?

    init(_ effort: ContentCoding.Effort) {
        let quality: UInt32 =
            switch effort {
            case .fast: 1
            case .balanced: 4
            // Beyond 5 it clears tables of megabytes for each stream, which takes milliseconds however small that is.
            case .small: 5
            }
        unsafe encoder = unsafe BrotliEncoderCreateInstance(nil, nil, nil)  // `nil` where there is no memory.
        guard let encoder = unsafe encoder else { return }  // Looked at, not behind it.
        _ = unsafe BrotliEncoderSetParameter(encoder, BROTLI_PARAM_QUALITY, quality)  // It lives until `deinit`.
        // A window of 256 KiB: its own choice of 4 MiB would be taken by each of the streams that are open.
        _ = unsafe BrotliEncoderSetParameter(encoder, BROTLI_PARAM_LGWIN, 18)  // It lives until `deinit`.
    }

    deinit {
        if let encoder = unsafe encoder { unsafe BrotliEncoderDestroyInstance(encoder) }  // Once, as the last thing.
    }

    func process(_ input: UnsafeRawBufferPointer, _ operation: CodecOperation, into output: inout [UInt8]) -> Bool {
        guard let encoder = unsafe encoder else { return false }  // Looked at, not behind it.
        let step =
            switch operation {
            case .continue: BROTLI_OPERATION_PROCESS
            case .flush: BROTLI_OPERATION_FLUSH
            case .finish: BROTLI_OPERATION_FINISH
            }
        var left = input.count
        var next = unsafe input.bindMemory(to: UInt8.self).baseAddress  // Bytes as bytes, for as long as the call.
        var isDone = true
        repeat {
            unsafe output.appendRoom { room in  // Within the room, whose size the library is told.
                var space = room.count
                var place = room.baseAddress
                // Reads `left` bytes at most and writes `space` at most, and counts both down.
                let result = unsafe BrotliEncoderCompressStream(encoder, step, &left, &next, &space, &place, nil)
                isDone = result == BROTLI_TRUE
                return room.count - space
            }
            guard isDone else { return false }
        } while unsafe left > 0 || BrotliEncoderHasMoreOutput(encoder) == BROTLI_TRUE  // Only asks.
        return unsafe operation != .finish || BrotliEncoderIsFinished(encoder) == BROTLI_TRUE  // Only asks.
    }
}
