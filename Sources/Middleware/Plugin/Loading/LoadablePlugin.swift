public import ContextPool
public import EventServer

/// How a shared library that `config.yml` names below `plugins` hands over its middleware.
///
/// ```swift
/// @c(baton_plugin) public func plugin() {
///     LoadablePlugin.handOver(TenantMiddleware.self)
/// }
/// ```
///
/// The function must have this name in C. It is called once, when the library is loaded, on the thread that reads the
/// configuration. `baton new plugin` writes a package that has one.
public enum LoadablePlugin {
    /// Hands middleware over to the server that loads the library.
    ///
    /// It is compiled into the plug-in, and leaves the marks there by which a server knows, before it loads the file, for
    /// which Baton and by which Swift it was built. Outside of a load it has no effect.
    ///
    /// - Parameter plugins: The types; each must have a name that nobody else has.
    @_alwaysEmitIntoClient
    public static func handOver(_ plugins: any MiddlewarePlugin.Type...) {
        receive(plugins, marks: [versionMark, compilerMark, buildMark], layout: layout)
    }

    /// Says why there is nothing to hand over, where the plug-in cannot be of use on this machine; that stops the load.
    ///
    /// - Parameter reason: What is missing and what to do, in a sentence.
    public static func refuse(_ reason: String) { PluginHandOver.current?.refuse(reason) }

    /// Takes what a plug-in hands over; called by ``handOver(_:)`` alone.
    ///
    /// - Parameters:
    ///   - plugins: The types.
    ///   - marks: What the plug-in was compiled with. They are asked for so that no optimizer leaves them out.
    ///   - layout: The sizes of Baton's types, as the plug-in knows them.
    @usableFromInline
    static func receive(_ plugins: [any MiddlewarePlugin.Type], marks: [StaticString], layout: [Int]) {
        PluginHandOver.current?.add(plugins, fits: layout == Self.layout)
    }

    /// The sizes of the types that a plug-in handles itself.
    ///
    /// What lies behind a reference is reached by functions of the server.
    @_alwaysEmitIntoClient
    static var layout: [Int] {
        [
            MemoryLayout<Request>.size, MemoryLayout<Response>.size, MemoryLayout<Next>.size,
            MemoryLayout<Handler>.size,
            MemoryLayout<ContextValues>.size, MemoryLayout<PluginSetup>.size, MemoryLayout<ChainRule>.size,
            MemoryLayout<OptionsError>.size, MemoryLayout<HTTPError>.size, MemoryLayout<ConfigPath>.size,
            MemoryLayout<Secret>.size, MemoryLayout<ByteCount>.size,
        ]
    }
}
