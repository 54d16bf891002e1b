/// The files of a package with a plug-in that is loaded, around those of a new middleware.
///
/// For `tenant-id` they are, word for word, those of `Examples/LoadablePlugin`, which is built and tested.
struct PluginTemplate {
    let name: MiddlewareName
    /// Where the package of Baton is, from the new one.
    let baton: String

    /// The module; its name must be no one's else, since the server has modules, too.
    private var target: String { "\(name.type)Plugin" }

    var files: [MiddlewareTemplate.File] {
        let middleware = MiddlewareTemplate(name: name, target: target).files.filter { !$0.path.hasPrefix("docs/") }
        return [
            MiddlewareTemplate.File(path: "Package.swift", text: manifest),
            MiddlewareTemplate.File(path: "Sources/\(target)/EntryPoint.swift", text: entryPoint),
        ] + middleware + [
            MiddlewareTemplate.File(path: "README.md", text: guide),
            MiddlewareTemplate.File(path: "config.yml", text: config),
            MiddlewareTemplate.File(path: ".gitignore", text: ".build/\n"),
        ]
    }

    /// Why no library can be called so, if none can: SwiftPM demands names that no package has which Baton depends on.
    static func objection(to name: MiddlewareName) -> String? {
        let taken = [
            "Algorithms", "ArgumentParser", "AsyncAlgorithms", "Atomics", "Baton", "Collections", "Configuration",
            "ContextPool", "Crypto", "EventServer", "Instrumentation", "Logging", "Metrics", "Middleware",
            "ServiceLifecycle", "Tracing", "Yams",
        ]
        return taken.contains(name.type) ? "a library that Baton uses has this name; add a word to it." : nil
    }

    /// What remains to be done.
    func nextSteps(in folder: String) -> String {
        """
        Next:
          cd \(folder)
          swift build -c release                                  builds the plug-in, and the baton that it fits
          .build/release/baton chain                              shows it in the chain of config.yml
          .build/release/baton serve
          swift test
        """
    }

    private var manifest: String {
        """
        // swift-tools-version: 6.3

        \(MiddlewareTemplate.imports("PackageDescription"))

        let package = Package(
            name: "\(name.kebab)-plugin",
            products: [.library(name: "\(name.type)", type: .dynamic, targets: ["\(target)"])],
            dependencies: [.package(name: "baton", path: "\(baton)")],
            targets: [
                // On the program, not on the library Baton: what the plug-in uses is in the server that loads it, and the plug-in
                // must bring no second one.
                .target(name: "\(target)", dependencies: [.product(name: "baton", package: "baton")]),
                .testTarget(
                    name: "\(target)Tests",
                    dependencies: [
                        "\(target)", .product(name: "Baton", package: "baton"),
                        .product(name: "MiddlewareTesting", package: "baton"),
                    ]
                ),
            ]
        )

        """
    }

    private var entryPoint: String {
        """
        \(MiddlewareTemplate.imports("Baton"))

        /// Called by the server when it loads this library.
        @c(baton_plugin) public func plugin() {
            LoadablePlugin.handOver(\(name.type)Middleware.self)
        }

        """
    }

    private var config: String {
        """
        plugins: [.build/release/lib\(name.type).so]
        chain: [request-id, access-log, \(name.kebab)]
        middleware:
          \(name.kebab):
            header: x-\(name.kebab)

        """
    }

    private var guide: String {
        """
        # \(name.kebab)

        A middleware for Baton, in a library that the server loads: it puts a header field of each request into `g.\(name.property)`, for
        handlers and their jobs.

        ```
        swift test
        swift build -c release
        .build/release/baton check
        .build/release/baton chain
        .build/release/baton serve
        ```

        Copy `.build/release/lib\(name.type).so` to where your server is, and name it in `config.yml`:

        ```yaml
        plugins: [./plugins/lib\(name.type).so]
        chain: [\(name.kebab)]
        middleware:
          \(name.kebab):
            header: x-\(name.kebab)
            required: false         # whether requests without it are refused with 400
        ```

        The server must be the same Baton, built by the same Swift and in the same way (release); another one refuses the file and says
        what is different.

        """
    }
}
