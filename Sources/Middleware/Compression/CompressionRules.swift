import Codings
import EventServer
import HTTPTypes

/// Which responses are encoded, and how.
struct CompressionRules: Sendable {
    let codings: [ContentCoding]
    let minimumSize: Int
    /// In small letters, beside those that are known.
    let types: Set<String>
    let protectsSecrets: Bool
    let effort: ContentCoding.Effort

    private static let known: Set<String> = [
        "application/javascript", "application/json", "application/manifest+json", "application/rtf",
        "application/wasm",
        "application/x-javascript", "application/x-ndjson", "application/xml", "application/yaml", "font/otf",
        "font/ttf",
        "image/bmp", "image/vnd.microsoft.icon", "image/x-icon",
    ]
    private static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")
    private static let digests = ["Content-Digest", "Repr-Digest", "Digest", "Content-MD5"]
        .compactMap { HTTPField.Name($0) }

    /// Whether a response would be encoded for some client.
    func concern(_ response: Response) -> Bool {
        switch response.status {
        case .noContent, .partialContent, .notModified: return false
        default: break
        }
        let headers = response.headers
        guard let type = headers[.contentType], isCompressible(type) else { return false }
        guard !headers.contains(.contentEncoding), !headers.contains(.contentRange),
            !Self.digests.contains(where: { headers.contains($0) })
        else { return false }
        // RFC 9111, section 5.2.2.6, speaks to caches and proxies, but who writes it wants his bytes to arrive as they are.
        guard !Self.directives(headers[.cacheControl]).contains("no-transform") else { return false }
        return response.body.length.map { $0 >= minimumSize } ?? true
    }

    /// The coding that the client likes best, and of equals the one that is named first in the options; `nil` for none.
    ///
    /// RFC 9110, section 12.5.3: without the field anything goes, and nothing is meant.
    func coding(for request: Request) -> ContentCoding? {
        let accepted = Preferences(request.headerValues(.acceptEncoding))
        var best: (coding: ContentCoding, weight: Int)?
        for coding in codings {
            let weight =
                switch coding {
                case .gzip: accepted.weight(of: "gzip", "x-gzip", "*") ?? 0
                case .br, .zstd: accepted.weight(of: coding.rawValue, "*") ?? 0
                }
            if weight > best?.weight ?? 0 { best = (coding, weight) }
        }
        guard let best, best.weight >= accepted.weight(of: "identity") ?? 0 else { return nil }
        return best.coding
    }

    /// An encoder for a response.
    func encoder(_ coding: ContentCoding, for response: Response) -> @Sendable () -> ContentEncoder {
        // Streams of events are open by the thousand, and zstd takes 0.8 MiB for each, but 0.12 where it is fast; events, which
        // are small, become hardly larger by it.
        let isLasting = response.headers[.contentType]?.lowercased().hasPrefix("text/event-stream") == true
        let effort = isLasting && coding == .zstd ? .fast : effort
        return { ContentEncoder(coding, effort: effort) }
    }

    /// Whether somebody who makes the client ask, over and over, could learn a secret in the body from its encoded size (BREACH).
    ///
    /// For that his page must be of another site than ours, and the browser add the credentials by itself.
    func protect(_ response: Response, to request: Request) -> Bool {
        guard protectsSecrets else { return false }
        let authorization = request.header(.authorization)?.lowercased()
        let hasOwnCredentials = authorization.map { !$0.hasPrefix("bearer ") } ?? false
        guard request.header(.cookie) != nil || hasOwnCredentials else { return false }
        if Self.directives(response.headers[.cacheControl]).contains("public") { return false }
        let site = Self.secFetchSite.flatMap { request.header($0) }
        return site != "same-origin" && site != "none"
    }

    private func isCompressible(_ contentType: String) -> Bool {
        let type = String(contentType.lowercased().prefix { $0 != ";" && $0 != " " && $0 != "\t" })
        if type.hasPrefix("text/") || type.hasSuffix("+json") || type.hasSuffix("+xml") { return true }
        return Self.known.contains(type) || types.contains(type)
    }

    private static func directives(_ field: String?) -> [String] {
        (field ?? "").lowercased().split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
    }
}
