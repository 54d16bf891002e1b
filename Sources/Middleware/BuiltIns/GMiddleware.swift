public import ContextPool
public import EventServer
import HTTPTypes

/// `g`: fills named values of the request's `g` from the request, as `config.yml` says.
///
/// ```yaml
/// g:
///   values:
///     userID: { header: user-id, default: anonymous }
///     theme: { cookie: theme }
/// ```
///
/// Code reads them as `context.g[named: "theme"]`, or through a `ContextKey` of that name and the type `String?`. A value
/// without a source in the request and without a default is not set.
public struct GMiddleware: MiddlewarePlugin, PreparingMiddleware {
    /// The name in `config.yml`.
    public static let name = "g"

    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// Where each value comes from, by its name.
        public var values: [String: Source]

        private enum CodingKeys: CodingKey {
            case values
        }

        /// Decodes the options.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            values = try container.decode([String: Source].self, forKey: .values, default: [:])
        }
    }

    /// Where a value comes from: exactly one of `header`, `query`, `cookie`, `claim` and `constant`, and a `default`.
    public struct Source: Decodable, Sendable {
        enum Origin: Sendable {
            case header(HTTPField.Name)
            case query(String)
            case cookie(String)
            case claim(String)
            case constant(String)
        }

        let origin: Origin
        let fallback: String?

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case header, query, cookie, claim, constant
            case fallback = "default"
        }

        /// Decodes a source.
        ///
        /// - Parameter decoder: Where it stands.
        /// - Throws: What decoding throws, also where there is not exactly one origin.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            fallback = try container.decodeIfPresent(String.self, forKey: .fallback)
            var origins: [(CodingKeys, String)] = []
            for key in CodingKeys.allCases where key != .fallback {
                if let name = try container.decodeIfPresent(String.self, forKey: key) { origins.append((key, name)) }
            }
            guard origins.count == 1, let (key, name) = origins.first else {
                throw DecodingError.dataCorrupted(
                    DecodingError.Context(
                        codingPath: decoder.codingPath,
                        debugDescription: """
                            a value needs exactly one of header, query, cookie, claim and constant, and has \(origins.count)
                            """
                    )
                )
            }
            switch key {
            case .query: origin = .query(name)
            case .cookie: origin = .cookie(name)
            case .claim: origin = .claim(name)
            case .constant, .fallback: origin = .constant(name)
            case .header:
                guard let field = HTTPField.Name(name) else {
                    throw DecodingError.dataCorruptedError(
                        forKey: .header,
                        in: container,
                        debugDescription: "\"\(name)\" is not the name of a header field"
                    )
                }
                origin = .header(field)
            }
        }
    }

    /// A value: its name, how it is found, and what there is instead.
    ///
    /// An object, which is retained once where it is used, and not part by part.
    private final class Filling: Sendable {
        let name: String
        /// A closure for the one kind that it is: to take an origin apart for each request took longer than to look it up.
        let find: (@Sendable (Request, RequestContext) -> String?)?
        /// Made once, as it is the same for all requests.
        let fallback: PreparedValue<String?>?

        init(_ name: String, _ source: Source) {
            self.name = name
            var fallback = source.fallback
            switch source.origin {
            case .header(let name): find = { request, _ in request.header(name) }
            case .query(let name): find = { request, _ in request.query[name] }
            case .cookie(let name): find = { request, _ in request.cookie(name) }
            case .claim(let name): find = { _, context in context.g.user?.claims[name] }
            case .constant(let text):
                find = nil
                fallback = text
            }
            self.fallback = fallback.map { PreparedValue(named: name, $0) }
        }
    }

    private let fillings: [Filling]
    private let hasClaims: Bool

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    /// - Throws: ``OptionsError`` for the name of the request's id.
    public init(options: Options) throws {
        // It is in the log lines, and a client must not write there whatever it likes.
        guard options.values["requestID"] == nil else {
            throw OptionsError(key: "values.requestID", "\"requestID\" is filled by request-id: choose another name.")
        }
        fillings = options.values.sorted { $0.key < $1.key }.map { Filling($0.key, $0.value) }
        hasClaims = options.values.values.contains { if case .claim = $0.origin { true } else { false } }
    }

    /// Behind `auth`; and where a value is a claim, `auth` must be there.
    public var chainRules: [ChainRule] {
        let reason = "claims are those of the user whom \"\(AuthMiddleware.name)\" finds"
        return [hasClaims ? .needs(AuthMiddleware.name, because: reason) : .after(AuthMiddleware.name, because: reason)]
    }

    /// Fills the values.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    public func prepare(_ request: Request, in context: RequestContext) {
        for filling in fillings {
            if let value = filling.find?(request, context) {
                context.set(named: filling.name, to: value)
            } else if let fallback = filling.fallback {
                context.set(fallback)
            }
        }
    }
}
