import HTTPTypes

@testable import EventServer

/// Any bytes must come to the same, whole and in pieces.
///
/// How they are cut and what the limits are follows from the bytes, so that the corpus is requests and nothing else.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
    // FNV-1a.
    var seed = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    check(bytes, ParserLimits(), &seed)
    var small = ParserLimits()
    small.target = 24
    small.header = 120
    small.fieldCount = 4
    check(bytes, small, &seed)
    return 0
}

private func check(_ bytes: [UInt8], _ limits: ParserLimits, _ seed: inout UInt64) {
    let whole = parse([bytes[...]], limits: limits)
    require(parse(bytes.indices.map { bytes[$0...$0] }, limits: limits) == whole, "byte by byte differs")
    require(parse(pieces(of: bytes, &seed), limits: limits) == whole, "pieces differ")
    // Only the last request may be incomplete, and only where the bytes end or are refused within it.
    require(whole.requests.dropLast().allSatisfy(\.isComplete), "a request was left")
    require(whole.requests.map(\.body.count).reduce(0, +) + whole.rest <= bytes.count, "bytes came from nowhere")
    if let refusal = whole.refusal {
        require((400...505).contains(refusal.status.code), "a refusal without a status")
        require(whole.rest == 0, "went on after a refusal")
    }
}

private func pieces(of bytes: [UInt8], _ seed: inout UInt64) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var rest = bytes[...]
    while !rest.isEmpty {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let piece = rest.prefix(1 + Int(seed >> 59))
        pieces.append(piece)
        rest = rest.dropFirst(piece.count)
    }
    return pieces
}

/// libFuzzer learns of a failure by the end of the process.
private func require(_ isTrue: Bool, _ claim: StaticString) {
    guard isTrue else { fatalError("\(claim)") }
}
