import CZlib

@safe
final class GzipCodec: Codec {
    // On the heap, since zlib keeps the address; made here and freed here.
    private let stream: UnsafeMutablePointer<z_stream>
    private let isReady: Bool

    init(_ effort: ContentCoding.Effort) {
        let level: Int32 =
            switch effort {
            case .fast: 1
            case .balanced: 5
            case .small: 9
            }
        unsafe stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)  // Freed in `deinit`.
        unsafe stream.initialize(to: z_stream())  // All zero, which means zlib's own memory.
        isReady = unsafe baton_gzip_init(stream, level) == Z_OK  // Of a stream that stays where it is.
    }

    deinit {
        if isReady { _ = unsafe deflateEnd(stream) }  // Once, and before its memory goes.
        unsafe stream.deallocate()  // The last that is done with it.
    }

    func process(_ input: UnsafeRawBufferPointer, _ operation: CodecOperation, into output: inout [UInt8]) -> Bool {
        guard isReady else { return false }
        // zlib counts in 32 bits.
        var rest = unsafe input  // The same bytes, for as long as the call.
        let most = 1 << 30
        while rest.count > most {
            // The slices are checked against `rest`, which has more than that.
            guard unsafe run(UnsafeRawBufferPointer(rebasing: rest[..<most]), Z_NO_FLUSH, &output) else { return false }
            unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest[most...])  // As above.
        }
        let flush =
            switch operation {
            case .continue: Z_NO_FLUSH
            case .flush: Z_SYNC_FLUSH
            case .finish: Z_FINISH
            }
        return unsafe run(rest, flush, &output)  // Within the caller's bytes.
    }

    private func run(_ input: UnsafeRawBufferPointer, _ flush: Int32, _ output: inout [UInt8]) -> Bool {
        // zlib does not write there; its type lacks the word.
        let bytes = unsafe UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        unsafe stream.pointee.next_in = unsafe bytes  // Read until `run` returns, and no longer.
        unsafe stream.pointee.avail_in = UInt32(input.count)  // 2^30 at most, by the caller.
        var status = Z_OK
        var hasRoomLeft = false
        repeat {
            unsafe output.appendRoom { room in  // Within the room, whose size zlib is told.
                unsafe stream.pointee.next_out = room.baseAddress  // Written until `deflate` returns, and no longer.
                unsafe stream.pointee.avail_out = UInt32(room.count)  // Of `codecRoom`.
                status = unsafe deflate(stream, flush)  // Keeps within both counts, and counts them down.
                hasRoomLeft = unsafe stream.pointee.avail_out > 0  // A number of ours.
                return unsafe room.count - Int(stream.pointee.avail_out)  // A number of ours.
            }
            // Nothing to do is no error to us: all of it came out in the round before.
            guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else { return false }
        } while !hasRoomLeft && status != Z_STREAM_END
        return flush != Z_FINISH || status == Z_STREAM_END
    }
}
