import CZlib

@safe
final class GzipCodec: Codec {
    // On the heap, since zlib keeps the address.
    private let stream: UnsafeMutablePointer<z_stream>
    private let isReady: Bool

    init(_ effort: ContentCoding.Effort) {
        let level: Int32 =
            switch effort {
            case .fast: 1
            case .balanced: 5
            case .small: 9
            }
        unsafe stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        isReady = unsafe baton_gzip_init(stream, level) == Z_OK
    }

    deinit {
        if isReady { _ = unsafe deflateEnd(stream) }
        unsafe stream.deallocate()
    }

    func process(_ input: UnsafeRawBufferPointer, _ operation: CodecOperation, into output: inout [UInt8]) -> Bool {
        guard isReady else { return false }
        // zlib counts in 32 bits.
        var rest = unsafe input
        let most = 1 << 30
        while rest.count > most {
            guard unsafe run(UnsafeRawBufferPointer(rebasing: rest[..<most]), Z_NO_FLUSH, &output) else { return false }
            unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest[most...])
        }
        let flush =
            switch operation {
            case .continue: Z_NO_FLUSH
            case .flush: Z_SYNC_FLUSH
            case .finish: Z_FINISH
            }
        return unsafe run(rest, flush, &output)
    }

    private func run(_ input: UnsafeRawBufferPointer, _ flush: Int32, _ output: inout [UInt8]) -> Bool {
        // zlib does not write there; its type lacks the word.
        let bytes = unsafe UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        unsafe stream.pointee.next_in = unsafe bytes
        unsafe stream.pointee.avail_in = UInt32(input.count)
        var status = Z_OK
        var hasRoomLeft = false
        repeat {
            unsafe output.appendRoom { room in
                unsafe stream.pointee.next_out = room.baseAddress
                unsafe stream.pointee.avail_out = UInt32(room.count)
                status = unsafe deflate(stream, flush)
                hasRoomLeft = unsafe stream.pointee.avail_out > 0
                return unsafe room.count - Int(stream.pointee.avail_out)
            }
            // Nothing to do is no error to us: all of it came out in the round before.
            guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else { return false }
        } while !hasRoomLeft && status != Z_STREAM_END
        return flush != Z_FINISH || status == Z_STREAM_END
    }
}
