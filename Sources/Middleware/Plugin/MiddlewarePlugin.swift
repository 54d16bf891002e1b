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
/// Its life: the options are **decoded** strictly (a key that the type does not ask for, or a value of another type, is a
/// mistake with its line in the file), **validated** by ``validate(_:)``, the middleware is **created** by `init`, held against its
/// ``chainRules``, **started** by ``start(in:)``, used, and **stopped** by ``stop()``. `baton check` goes as far as the rules, so what
/// opens, connects or reads belongs into `start`. Failure at any step stops the load: at the start of the server nothing is
/// served, and at a reload the middleware that was there before goes on serving. What was started by then is stopped.
///
/// An option that may be left out is optional, since Swift's own decoding ignores default values; one that is not must be there, lists
/// and maps, too. A range or a default is said by `decode(_:forKey:in:default:)` in an `init(from:)`. A time is a `Duration`, written
/// `500ms`, `10s`, `2m`, `1h` or `30d`; a file is a ``ConfigPath``, a size a ``ByteCount``, a password a ``Secret``.
public protocol MiddlewarePlugin: Middleware {
    /// What it is called in `config.yml`: kebab-case, such as `request-id`.
    static var name: String { get }

    /// What can be set in `config.yml`, below `middleware.NAME`; `NoOptions` where there is nothing.
    associatedtype Options: Decodable = NoOptions

    /// Finds what is wrong with options that could be decoded, all of it.
    ///
    /// Called before `init`, which is not called where there is a mistake. Left out, nothing is wrong.
    ///
    /// - Parameter options: The decoded options.
    /// - Returns: The mistakes, each with its key and a sentence; they are reported with their lines.
    static func validate(_ options: Options) -> [OptionsError]

    /// Creates the middleware from its options.
    ///
    /// It must have no effect outside of the value: `baton check` creates middleware that is never used.
    ///
    /// - Parameter options: The decoded and validated options.
    /// - Throws: ``OptionsError`` for options that make no sense, with a sentence that says so; it is reported with the line.
    init(options: Options) throws

    /// What must come before or after it in a chain, and what it needs there; nothing where it is left out.
    ///
    /// A chain that breaks a rule stops the load with the line and the reason; nothing is reordered.
    var chainRules: [ChainRule] { get }

    /// Opens what it needs, before the first request: files, connections, keys.
    ///
    /// Called once, on no event loop; clients are served meanwhile by the middleware that was there before. Left out,
    /// nothing happens.
    ///
    /// - Parameter setup: The application, a logger, the folder of the configuration.
    /// - Throws: Any error; it stops the load, is reported with the line, and ``stop()`` is not called.
    mutating func start(in setup: PluginSetup) async throws

    /// Closes what ``start(in:)`` has opened, after its last request and the last stream of it; once, and only after a
    /// start that did not throw.
    ///
    /// Plug-ins are stopped in the reverse order of their start.
    func stop() async
}

extension MiddlewarePlugin {
    /// Nothing is wrong.
    ///
    /// - Parameter options: The decoded options.
    /// - Returns: No mistakes.
    public static func validate(_ options: Options) -> [OptionsError] { [] }

    /// No rules: it may stand anywhere.
    public var chainRules: [ChainRule] { [] }

    /// Opens nothing.
    ///
    /// - Parameter setup: The application, a logger, the folder of the configuration.
    /// - Throws: Nothing.
    public mutating func start(in setup: PluginSetup) async throws {}

    /// Closes nothing.
    public func stop() async {}
}

/// The options of a middleware that has none.
public struct NoOptions: Decodable, Sendable {
    /// Options for a middleware that has none, for tests.
    public init() {}

    /// Decodes nothing, and thereby refuses every key.
    ///
    /// - Parameter decoder: Where the options stand.
    /// - Throws: What the decoder throws where they are no map.
    public init(from decoder: any Decoder) throws {
        _ = try decoder.container(keyedBy: NoKey.self)
    }

    private enum NoKey: CodingKey {}
}
