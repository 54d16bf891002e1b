/// The plug-ins that `config.yml` can name.
public struct MiddlewareRegistry: Sendable {
    private typealias Decoding = @Sendable (any Decoder) throws -> DecodedPlugin

    private var plugins: [String: Decoding] = [:]

    /// Names that were registered more than once: two plug-ins under one name is a mistake of the program.
    public private(set) var duplicates: Set<String> = []

    /// A registry without any plug-in.
    public init() {}

    /// The built-in plug-ins; this list is the only way in which they differ from anybody else's.
    public static var standard: MiddlewareRegistry {
        var registry = MiddlewareRegistry()
        registry.register(RequestIDMiddleware.self)
        registry.register(ProxyHeadersMiddleware.self)
        registry.register(AccessLogMiddleware.self)
        registry.register(AuthMiddleware.self)
        registry.register(AuthorizeMiddleware.self)
        registry.register(SessionMiddleware.self)
        registry.register(GMiddleware.self)
        registry.register(CORSMiddleware.self)
        registry.register(CSRFMiddleware.self)
        registry.register(SecurityHeadersMiddleware.self)
        registry.register(BodyLimitMiddleware.self)
        registry.register(TimeoutMiddleware.self)
        registry.register(RateLimitMiddleware.self)
        registry.register(ErrorsMiddleware.self)
        registry.register(HealthMiddleware.self)
        registry.register(StaticFilesMiddleware.self)
        registry.register(CompressionMiddleware.self)
        registry.register(MetricsMiddleware.self)
        registry.register(TracingMiddleware.self)
        return registry
    }

    /// Adds a plug-in.
    ///
    /// - Parameter plugin: The type. A name that is taken already lands in ``duplicates``.
    public mutating func register<Plugin: MiddlewarePlugin>(_ plugin: Plugin.Type) {
        if plugins[Plugin.name] != nil { duplicates.insert(Plugin.name) }
        plugins[Plugin.name] = { decoder in
            let options = try Plugin.Options(from: decoder)
            return DecodedPlugin(
                options: options,
                validate: { Plugin.validate(options) },
                make: { try Plugin(options: options) }
            )
        }
    }

    /// All names, in alphabetical order.
    public var names: [String] { plugins.keys.sorted() }

    /// Makes a middleware from its options; it is not started.
    ///
    /// - Parameters:
    ///   - name: What it is called.
    ///   - decoder: Where its options stand.
    /// - Returns: The middleware, or `nil` where nothing has this name.
    /// - Throws: What decoding throws, the first mistake that the plug-in finds in its options, or what its `init` throws.
    public func makeMiddleware(named name: String, from decoder: any Decoder) throws -> (any MiddlewarePlugin)? {
        guard let plugin = try decode(name, from: decoder) else { return nil }
        if let mistake = plugin.validate().first { throw mistake }
        return try plugin.make()
    }

    /// Decodes the options of a plug-in.
    ///
    /// - Parameters:
    ///   - name: What it is called.
    ///   - decoder: Where its options stand.
    /// - Returns: What can be made of them, or `nil` where nothing has this name.
    /// - Throws: What decoding throws.
    package func decode(_ name: String, from decoder: any Decoder) throws -> DecodedPlugin? {
        try plugins[name].map { try $0(decoder) }
    }
}

/// A plug-in whose options were decoded.
package struct DecodedPlugin {
    /// The options, for showing their values.
    package let options: Any
    /// What is wrong with the options.
    package let validate: () -> [OptionsError]
    /// Creates the plug-in; only where nothing is wrong.
    package let make: () throws -> any MiddlewarePlugin
}
