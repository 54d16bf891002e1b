/// The plug-ins that `config.yml` can name.
public struct MiddlewareRegistry: Sendable {
    private typealias Factory = @Sendable (any Decoder) throws -> any Middleware

    private var factories: [String: Factory] = [:]

    /// Names that were registered more than once: two plug-ins under one name is a mistake of the program.
    public private(set) var duplicates: Set<String> = []

    /// A registry without any plug-in.
    public init() {}

    /// The built-in plug-ins; this list is the only way in which they differ from anybody else's.
    public static var standard: MiddlewareRegistry {
        var registry = MiddlewareRegistry()
        registry.register(RequestIDMiddleware.self)
        registry.register(AccessLogMiddleware.self)
        registry.register(AuthMiddleware.self)
        registry.register(GMiddleware.self)
        registry.register(CORSMiddleware.self)
        registry.register(CSRFMiddleware.self)
        registry.register(SecurityHeadersMiddleware.self)
        registry.register(BodyLimitMiddleware.self)
        registry.register(TimeoutMiddleware.self)
        registry.register(RateLimitMiddleware.self)
        return registry
    }

    /// Adds a plug-in.
    ///
    /// - Parameter plugin: The type. A name that is taken already lands in ``duplicates``.
    public mutating func register<Plugin: MiddlewarePlugin>(_ plugin: Plugin.Type) {
        if factories[Plugin.name] != nil { duplicates.insert(Plugin.name) }
        factories[Plugin.name] = { try Plugin(options: Plugin.Options(from: $0)) }
    }

    /// All names, in alphabetical order.
    public var names: [String] { factories.keys.sorted() }

    /// Makes a middleware from its options.
    ///
    /// - Parameters:
    ///   - name: What it is called.
    ///   - decoder: Where its options stand.
    /// - Returns: The middleware, or `nil` where nothing has this name.
    /// - Throws: What decoding throws, or the plug-in's `init`.
    public func makeMiddleware(named name: String, from decoder: any Decoder) throws -> (any Middleware)? {
        try factories[name].map { try $0(decoder) }
    }
}
