import Foundation
import Testing

@testable import EventServer

/// The request corpus of llhttp, the parser of Node.js, as an oracle: read where it is there, and never copied.
@Suite("The corpus of llhttp", .timeLimit(.minutes(1)))
struct LLHTTPCorpusTests {
    /// What we refuse and llhttp takes, with our reason.
    private static let stricter: [String: String] = [
        "H1-CONNECT": "this server is no proxy",
        "H1-HOST-INVALID": "llhttp leaves Host to the server",
        "H1-HOST-MISSING": "llhttp leaves Host to the server",
        "H1-LINE": "at most one empty line stands in front of a request",
        "H1-TARGET": "URIs have no fragments here, and no bytes above ASCII",
        "H1-VERSION": "ICE and RTSP are not served",
    ]

    /// What llhttp refuses and we take, with our reason.
    private static let laxer: [String: String] = [
        "HTTP protocol and ANNOUNCE method": "methods are the router's affair",
        "Invalid method": "methods are the router's affair",
        "No restart when keep-alive is off (1.0)": "the connection leaves out what stands behind the last request",
    ]

    private static var folder: URL? {
        let named = ProcessInfo.processInfo.environment["BATON_LLHTTP_CORPUS"].map { URL(filePath: $0) }
        var root = URL(filePath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let folder = (named ?? root.appending(path: ".corpora/llhttp")).appending(path: "test/request")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }

    @Test(
        "is refused where llhttp refuses it, and taken where it takes it, or we say why not",
        .enabled(if: folder != nil, "llhttp's corpus is not here: 'make corpora' fetches it")
    )
    func agrees() throws {
        let folder = try #require(Self.folder)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".md") }
        var count = 0
        var differences: Set<String> = []
        for name in names.sorted() {
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            for sample in LLHTTPSample.all(in: text) where sample.isStrict {
                count += 1
                if let difference = check(sample, "\(name): \(sample.title)") { differences.insert(difference) }
            }
        }
        #expect(count > 80)
        // A reason that nothing needs any more is none.
        #expect(differences == Set(Self.stricter.keys).union(Self.laxer.keys))
    }

    /// Returns in what the two differ: our code, or the sample that we take.
    private func check(_ sample: LLHTTPSample, _ title: String) -> String? {
        let transcripts = transcripts(of: sample.bytes)
        #expect(transcripts.count == 1, "\(title)")
        guard let transcript = transcripts.first else { return nil }
        let complete = transcript.requests.filter(\.isComplete)
        let note = Comment("\(title): \(String(decoding: sample.bytes, as: UTF8.self).debugDescription)\n\(sample.log)")
        switch (sample.isRefused, transcript.refusal) {
        case (true, nil):
            // What has not arrived whole may be refused later.
            let isWaiting = transcript.rest > 0 || complete.count < transcript.requests.count
            #expect(isWaiting || Self.laxer[sample.title] != nil, note)
            return isWaiting ? nil : sample.title
        case (false, let refusal?):
            #expect(Self.stricter[refusal.code] != nil, "\(refusal.code) for \(note)")
            return refusal.code
        case (false, nil) where !sample.isUpgrade:
            #expect(complete.count == sample.messageCount, note)
            #expect(transcript.requests.map(\.body.count).reduce(0, +) == sample.bodySize, note)
        default:
            break
        }
        return nil
    }
}

/// One sample of the corpus: a text, and the log of what llhttp made of it.
struct LLHTTPSample {
    let title: String
    let isStrict: Bool
    let bytes: [UInt8]
    let log: String

    /// Pauses are asked for by the sample, and no refusals.
    var isRefused: Bool {
        log.contains("error code=") && !isUpgrade && !log.contains("error code=21 ")
    }
    /// llhttp hands over to whoever speaks the other protocol.
    var isUpgrade: Bool { log.contains("error code=22 ") }
    var messageCount: Int { log.components(separatedBy: " message complete").count - 1 }
    var bodySize: Int {
        log.matches(of: /len=(\d+) span\[body\]/).compactMap { Int($0.1) }.reduce(0, +)
    }

    static func all(in text: String) -> [LLHTTPSample] {
        let pattern =
            /<!-- meta=(\{.*?\}) -->\s*```http\n((?:.|\n)*?)```\s*```log\n((?:.|\n)*?)```/
        var samples: [LLHTTPSample] = []
        for match in text.matches(of: pattern) {
            let title = text[..<match.range.lowerBound].split(separator: "\n").last { $0.hasPrefix("#") } ?? ""
            let meta = match.1
            samples.append(
                LLHTTPSample(
                    title: title.drop { $0 == "#" || $0 == " " }.description,
                    isStrict: meta.contains(/"type": ?"request"/) && !meta.contains("skipBody"),
                    bytes: bytes(of: String(match.2)),
                    log: String(match.3)
                )
            )
        }
        return samples
    }

    /// The text with the corpus's own escapes undone: lines end with CRLF, `\r` and the like stand for themselves.
    private static func bytes(of text: String) -> [UInt8] {
        var text = text.hasSuffix("\n") ? String(text.dropLast()) : text
        text = text.replacing("\\\n", with: "").replacing("\n", with: "\r\n")
        for (escape, character) in [("\\r", "\r"), ("\\n", "\n"), ("\\t", "\t"), ("\\f", "\u{C}")] {
            text = text.replacing(escape, with: character)
        }
        text = text.replacing(/\\x([0-9a-fA-F]+)/) { match in
            UInt32(match.1, radix: 16).flatMap(Unicode.Scalar.init).map { String(Character($0)) } ?? ""
        }
        // Host is the server's affair; what matters here stands behind it.
        if !text.lowercased().contains("host:") {
            text = text.replacing("HTTP/1.1\r\n", with: "HTTP/1.1\r\nHost: x\r\n", maxReplacements: 1)
        }
        return Array(text.utf8)
    }
}
