import Foundation
import Middleware
import Synchronization

/// The plug-ins that this process has loaded.
///
/// It is one list for all applications of the process, since a library is loaded
/// once in it, and stays.
final class LoadedPlugins: Sendable {
    static let ofThisProcess = LoadedPlugins()

    /// What can be made of a file.
    struct Plugin {
        let types: [any MiddlewarePlugin.Type]
        /// Whether the file is another one now than the one that was loaded.
        let isChanged: Bool
    }

    private struct Entry {
        let identity: PluginFile.Identity
        let outcome: Result<[any MiddlewarePlugin.Type], PluginFault>
    }

    /// By path: asked for a path that it has loaded from, the system's loader does not look at the file again.
    private let entries = Mutex<[String: Entry]>([:])

    /// Loads a file, unless it is loaded already.
    ///
    /// One that has changed since is examined, so that a reload says now what a restart would say; but what was loaded goes on.
    ///
    /// - Parameter file: The file.
    /// - Returns: The types that it has handed over.
    /// - Throws: ``PluginFault`` with the reason why it cannot be used. None of its code has run then, unless the reason is
    ///   ``PluginFault/Code/noUse``.
    func load(_ file: PluginFile) throws(PluginFault) -> Plugin {
        try entries.withLock { entries throws(PluginFault) in
            if let entry = entries[file.path] {
                let isChanged = entry.identity != file.identity
                if isChanged { try file.examine() }
                return Plugin(types: try entry.outcome.types(isChanged: isChanged), isChanged: isChanged)
            }
            try Self.checkThisProgram()
            try file.examine()
            let library = try DynamicLibrary(path: file.path)
            let outcome = Result { () throws(PluginFault) in try Self.takeTypes(of: library) }
            entries[file.path] = Entry(identity: file.identity, outcome: outcome)
            return Plugin(types: try outcome.get(), isChanged: false)
        }
    }

    /// Whether this program can load any plug-in.
    private static func checkThisProgram() throws(PluginFault) {
        // Swift's name for the description of `LoadablePlugin`: where this is not offered, nothing is.
        guard DynamicLibrary.isOffered("$s10Middleware14LoadablePluginOMn") else {
            throw PluginFault(
                .closedServer,
                """
                this program shares none of its code with plug-ins, and can load none: build it with `make build`, or with \
                `-Xlinker -export-dynamic`
                """
            )
        }
        guard DynamicLibrary.isLoaded("libswiftCore.so") else {
            throw PluginFault(
                .closedServer,
                """
                this program has Swift's own library inside, and can load no plug-ins, which would bring a second one: \
                build it without --static-swift-stdlib
                """
            )
        }
    }

    private static func takeTypes(of library: DynamicLibrary) throws(PluginFault) -> [any MiddlewarePlugin.Type] {
        var isCalled = false
        let handOver = PluginHandOver { isCalled = library.call(PluginFile.entryPoint) }
        if let refusal = handOver.refusal { throw PluginFault(.noUse, "cannot be of use here: \(refusal)") }
        guard handOver.fits else {
            throw PluginFault(
                .otherBuild,
                "was built against another state of Baton: build it against the sources of this one"
            )
        }
        guard isCalled, !handOver.plugins.isEmpty else {
            throw PluginFault(.noUse, "hands nothing over: its entry point has not called LoadablePlugin.handOver")
        }
        return handOver.plugins
    }
}

extension Result<[any MiddlewarePlugin.Type], PluginFault> {
    /// What was handed over when the file was loaded; why that failed holds for as long as the process lives, too.
    fileprivate func types(isChanged: Bool) throws(PluginFault) -> Success {
        switch self {
        case .success(let types): return types
        case .failure(let fault) where !isChanged: throw fault
        case .failure(let fault):
            throw PluginFault(fault.code, "\(fault); that was before it was changed: restart to load it as it is now")
        }
    }
}
