import HTTPTypes

@testable import EventServer

/// What a parser made of some bytes.
struct Transcript: Equatable, Sendable {
    struct Request: Equatable, Sendable {
        var method = ""
        var path = ""
        var query: String?
        var authority = ""
        var isOldVersion = false
        var keepsAlive = false
        var expectsContinue = false
        var fields: [String] = []
        var body: [UInt8] = []
        var isComplete = false
    }

    var requests: [Request] = []
    var refusal: RequestRefusal?
    /// Bytes that nothing was made of.
    var rest = 0
}

/// Feeds a parser as a connection does: what is not consumed stays, what is consumed goes.
func parse(_ pieces: [ArraySlice<UInt8>], limits: ParserLimits = ParserLimits()) -> Transcript {
    var parser = RequestParser(limits: limits)
    var transcript = Transcript()
    var input: [UInt8] = []
    for piece in pieces {
        input += piece
        var offset = 0
        do throws(RequestRefusal) {
            while let event = try parser.next(input.span, at: &offset) {
                switch event {
                case .head(let head):
                    transcript.requests.append(Transcript.Request(head))
                case .body(let range):
                    transcript.requests[transcript.requests.count - 1].body += input[range]
                case .end:
                    transcript.requests[transcript.requests.count - 1].isComplete = true
                }
            }
        } catch {
            transcript.refusal = error
            return transcript
        }
        input.removeFirst(offset)
    }
    transcript.rest = input.count
    return transcript
}

/// Some bytes, cut into pieces in different ways: whole, byte by byte, and in two at each place.
func deliveries(of bytes: [UInt8]) -> [[ArraySlice<UInt8>]] {
    // Long inputs are cut at some hundred places, which include their ends.
    let step = max(1, bytes.count / 400)
    let places = stride(from: 1, to: bytes.count, by: step)
    return [[bytes[...]], bytes.indices.map { bytes[$0...$0] }] + places.map { [bytes[..<$0], bytes[$0...]] }
}

/// What a parser makes of a text, which must be the same however it arrives.
///
/// - Returns: One transcript where all deliveries agree, else all that differ.
func transcripts(of text: String, limits: ParserLimits = ParserLimits()) -> [Transcript] {
    transcripts(of: Array(text.utf8), limits: limits)
}

func transcripts(of bytes: [UInt8], limits: ParserLimits = ParserLimits()) -> [Transcript] {
    var different: [Transcript] = []
    for pieces in deliveries(of: bytes) {
        let transcript = parse(pieces, limits: limits)
        if !different.contains(transcript) { different.append(transcript) }
    }
    return different
}

extension Transcript.Request {
    fileprivate init(_ head: RequestHead) {
        method = head.method.rawValue
        path = head.path
        query = head.query
        authority = head.authority
        isOldVersion = head.isOldVersion
        keepsAlive = head.keepsAlive
        expectsContinue = head.expectsContinue
        fields = head.makeHeaders().map { "\($0.name.rawName)=\($0.value)" }
    }
}
