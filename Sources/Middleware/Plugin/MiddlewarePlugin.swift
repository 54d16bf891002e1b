/// A middleware that `config.yml` can name, with options of its own type.
///
/// ```swift
/// struct TenantMiddleware: MiddlewarePlugin {
///     static let name = "tenant"
///
///     struct Options: Decodable {
///         var header: String?
///     }
///
///     let header: String
///
///     init(options: Options) { header = options.header ?? "x-tenant" }
///
///     func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response { ... }
/// }
/// ```
///
/// The options are decoded strictly: a key that the type does not ask for, or a value of another type, stops the start with
/// the line in the file. An option that may be left out is optional, since Swift's own decoding ignores default values. What
/// decoding cannot know, `init` checks.
public protocol MiddlewarePlugin: Middleware {
    /// What it is called in `config.yml`: kebab-case, such as `request-id`.
    static var name: String { get }

    /// What can be set in `config.yml`, below `middleware.NAME`; `NoOptions` where there is nothing.
    associatedtype Options: Decodable = NoOptions

    /// Creates the middleware from its options.
    ///
    /// - Parameter options: The decoded options.
    /// - Throws: ``OptionsError`` for options that make no sense, with a sentence that says so; it is reported with the line.
    init(options: Options) throws
}

/// The options of a middleware that has none.
public struct NoOptions: Decodable, Sendable {
    /// Decodes nothing, and thereby refuses every key.
    ///
    /// - Parameter decoder: Where the options stand.
    /// - Throws: What the decoder throws where they are no map.
    public init(from decoder: any Decoder) throws {
        _ = try decoder.container(keyedBy: NoKey.self)
    }

    private enum NoKey: CodingKey {}
}

/// Options that were decoded but make no sense.
public struct OptionsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The key that is to blame, below the middleware's own; empty for the options as a whole.
    public let key: String

    /// What is wrong and what to do, in a sentence.
    public let description: String

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - key: The key that is to blame, below the middleware's own; empty for the options as a whole.
    ///   - description: What is wrong and what to do, in a sentence.
    public init(key: String = "", _ description: String) {
        self.key = key
        self.description = description
    }
}
