import Codings
public import ContextPool
public import EventServer
import HTTPTypes

/// `compression`: sends text smaller, as gzip, brotli or zstd, to who can read it.
///
/// A stream is encoded as it is written: what is written arrives at once, server-sent events included. What is encoded
/// already, too small to gain, part of a file or of a type that is packed as it is stays as it is. A large body is encoded
/// on the pool.
public struct CompressionMiddleware: MiddlewarePlugin {
    /// The name in `config.yml`.
    public static let name = "compression"

    /// A coding, by its name in HTTP.
    public enum Coding: String, Decodable, Sendable, CaseIterable {
        /// Zstandard.
        case zstd
        /// Brotli.
        case br
        /// What every client can read.
        case gzip
    }

    /// How much work is put into it.
    public enum Effort: String, Decodable, Sendable, CaseIterable {
        /// As fast as it can be done with some use.
        case fast
        /// What a server can do while its client waits.
        case balanced
        /// Small, at several times the work.
        case small
    }

    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// The codings, the best first: where a client likes several equally, the first one is taken.
        public var codings: [Coding]
        /// How much work is put into it.
        public var effort: Effort
        /// Bodies that are smaller stay as they are.
        public var minimumSize: ByteCount
        /// Media types that are encoded beside those that are known to gain.
        public var types: [String]
        /// Paths whose responses stay as they are; one that ends with `*` stands for all that begin so.
        public var exclude: [String]
        /// Whether responses stay as they are from whose size a page of another site could learn a secret.
        public var protectSecrets: Bool

        private enum CodingKeys: CodingKey {
            case codings, effort, minimumSize, types, exclude, protectSecrets
        }

        /// Decodes the options, with defaults for what is left out.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            codings = try container.decode([Coding].self, forKey: .codings, default: [.zstd, .br, .gzip])
            effort = try container.decode(Effort.self, forKey: .effort, default: .balanced)
            minimumSize = try container.decode(ByteCount.self, forKey: .minimumSize, default: ByteCount(1024))
            types = try container.decode([String].self, forKey: .types, default: [])
            exclude = try container.decode([String].self, forKey: .exclude, default: [])
            protectSecrets = try container.decode(Bool.self, forKey: .protectSecrets, default: true)
        }
    }

    private let rules: CompressionRules
    private let excluded: PathRules

    /// Finds a list without a coding, types that are none, and paths that no request can have.
    ///
    /// - Parameter options: The options.
    /// - Returns: The mistakes.
    public static func validate(_ options: Options) -> [OptionsError] {
        var mistakes = PathRules.mistakes(in: options.exclude, key: "exclude")
        if options.codings.isEmpty {
            mistakes.append(
                OptionsError(key: "codings", "Name one of zstd, br and gzip, or take \(name) out of the chain.")
            )
        }
        for type in options.types where !isMediaType(type) {
            mistakes.append(OptionsError(key: "types", "\"\(type)\" is no media type, such as application/x-tar."))
        }
        return mistakes
    }

    private static func isMediaType(_ type: String) -> Bool {
        let names = type.split(separator: "/", omittingEmptySubsequences: false)
        return names.count == 2 && names.allSatisfy { HTTPField.Name(String($0)) != nil && $0 != "*" }
    }

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    /// - Throws: ``OptionsError`` for a path that no request can have.
    public init(options: Options) throws {
        excluded = try PathRules(options.exclude, key: "exclude")
        let effort: ContentCoding.Effort =
            switch options.effort {
            case .fast: .fast
            case .balanced: .balanced
            case .small: .small
            }
        rules = CompressionRules(
            codings: options.codings.compactMap { ContentCoding(rawValue: $0.rawValue) },
            minimumSize: options.minimumSize.bytes,
            types: Set(options.types.map { $0.lowercased() }),
            protectsSecrets: options.protectSecrets,
            effort: effort
        )
    }

    /// Goes on; the response is encoded behind the chain, whichever it will be.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    ///   - next: The rest of the chain.
    /// - Returns: The response of the rest.
    /// - Throws: The error of the rest.
    public func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        if !excluded.contains(request.path) {
            let pool = context.app.pool
            context.onResponse { encode(&$0, for: request, on: pool) }
        }
        return try await next(request, in: context)
    }

    private func encode(_ response: inout Response, for request: Request, on pool: ContextPool) {
        if response.status == .notModified { return finish(&response, for: request) }
        guard rules.concern(response) else { return }
        response.vary(on: "Accept-Encoding")
        guard let coding = rules.coding(for: request), !rules.protect(response, to: request) else { return }
        let body = response.body
        let makeEncoder = rules.encoder(coding, for: response)
        if let produce = body.producer {
            response.body = .stream { writer in
                try await EncodedStream.run(produce, with: makeEncoder(), to: writer, on: pool)
            }
        } else if let bytes = body.bytes, bytes.count <= EncodedStream.inlineLimit {
            // What cannot be encoded, or does not gain, is sent as it is.
            guard let encoded = try? makeEncoder().finish(bytes), encoded.count < bytes.count
            else { return }
            response.body = .bytes(encoded)
        } else {
            response.body = .stream { writer in
                try await EncodedStream.run(body, with: makeEncoder(), to: writer, on: pool)
            }
        }
        response.headers[.contentEncoding] = coding.rawValue
        response.headers[.contentLength] = nil
        // Ranges would be taken of the content as it is, and put together with what is encoded.
        response.headers[.acceptRanges] = nil
        Self.weakenTag(of: &response)
    }

    /// 304: what is said about the content must be what was said when it was sent (RFC 9110, section 15.4.5).
    private func finish(_ response: inout Response, for request: Request) {
        response.vary(on: "Accept-Encoding")
        guard let tag = response.headers[.eTag] else { return }
        if request.headerValues(.ifNoneMatch).contains(where: { $0.contains("W/\(tag)") }) {
            Self.weakenTag(of: &response)
        }
    }

    /// RFC 9110, section 8.8.3: a strong tag is for the same bytes, and these are others.
    private static func weakenTag(of response: inout Response) {
        guard let tag = response.headers[.eTag], !tag.hasPrefix("W/") else { return }
        response.headers[.eTag] = "W/\(tag)"
    }
}
