import CBrotliDecoder
import CZlib
import CZstd

/// Decodes content as a client would that has received so much of it.
///
/// - Parameters:
///   - bytes: What was received.
///   - coding: `gzip`, `br` or `zstd`.
/// - Returns: All that can be read of it, and whether the end was there; `nil` where it is none of the coding.
public func decoded(_ bytes: [UInt8], _ coding: String) -> (bytes: [UInt8], isComplete: Bool)? {
    switch coding {
    case "gzip": gunzip(bytes)
    case "br": unbrotli(bytes)
    case "zstd": unzstd(bytes)
    default: nil
    }
}

private let room = 1 << 26

private func gunzip(_ bytes: [UInt8]) -> (bytes: [UInt8], isComplete: Bool)? {
    var stream = unsafe z_stream()
    let size = unsafe Int32(MemoryLayout<z_stream>.size)
    guard unsafe inflateInit2_(&stream, 31, ZLIB_VERSION, size) == Z_OK else { return nil }
    defer { _ = unsafe inflateEnd(&stream) }
    var input = bytes
    var status = Z_OK
    let output = unsafe input.withUnsafeMutableBufferPointer { input in
        unsafe [UInt8](unsafeUninitializedCapacity: room) { output, used in
            unsafe stream.next_in = input.baseAddress
            unsafe stream.avail_in = UInt32(input.count)
            unsafe stream.next_out = output.baseAddress
            unsafe stream.avail_out = UInt32(output.count)
            status = unsafe inflate(&stream, Z_SYNC_FLUSH)
            used = unsafe output.count - Int(stream.avail_out)
        }
    }
    guard status == Z_OK || status == Z_STREAM_END else { return nil }
    return (output, status == Z_STREAM_END)
}

private func unbrotli(_ bytes: [UInt8]) -> (bytes: [UInt8], isComplete: Bool)? {
    guard let decoder = unsafe BrotliDecoderCreateInstance(nil, nil, nil) else { return nil }
    defer { unsafe BrotliDecoderDestroyInstance(decoder) }
    var status = BROTLI_DECODER_RESULT_ERROR
    let output = unsafe bytes.withUnsafeBufferPointer { input in
        unsafe [UInt8](unsafeUninitializedCapacity: room) { output, used in
            var left = input.count
            var next = input.baseAddress
            var space = output.count
            var place = output.baseAddress
            status = unsafe BrotliDecoderDecompressStream(decoder, &left, &next, &space, &place, nil)
            used = output.count - space
        }
    }
    guard status != BROTLI_DECODER_RESULT_ERROR else { return nil }
    return (output, status == BROTLI_DECODER_RESULT_SUCCESS)
}

private func unzstd(_ bytes: [UInt8]) -> (bytes: [UInt8], isComplete: Bool)? {
    guard let stream = unsafe ZSTD_createDStream() else { return nil }
    defer { _ = unsafe ZSTD_freeDStream(stream) }
    var status = 0
    let output = unsafe bytes.withUnsafeBytes { input in
        unsafe [UInt8](unsafeUninitializedCapacity: room) { output, used in
            var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
            var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
            repeat {
                status = unsafe ZSTD_decompressStream(stream, &target, &source)
            } while unsafe ZSTD_isError(status) == 0 && source.pos < source.size && target.pos < target.size
            used = unsafe target.pos
        }
    }
    return ZSTD_isError(status) == 0 ? (output, status == 0) : nil
}
