import Middleware

/// What can be named in chains: what is registered, and what the files below `plugins` hand over.
struct KnownPlugins {
    var registry: MiddlewareRegistry
    /// The files of the plug-ins that come from one, by the names of the plug-ins.
    var files: [String: String] = [:]
    /// The files that are other ones now than those that were loaded.
    var changed: [String] = []
    var problems: [ConfigProblem] = []
    /// Whether some of what `plugins` names is missing, whatever the reason: then more names are unknown than are mistyped.
    var isSomeMissing = false

    /// The names of what the program has registered beside what comes with Baton.
    var ownNames: Set<String> {
        Set(registry.names).subtracting(MiddlewareRegistry.standard.names).subtracting(files.keys)
    }
}

extension Application {
    /// Loads the files that the configuration names, those that are not loaded yet.
    func loadPlugins() -> KnownPlugins {
        var known = KnownPlugins(registry: registry)
        var seen: [(identity: PluginFile.Identity, path: String)] = []
        for setting in settings.plugins {
            let file = setting.value.path
            let place = config.elementPath(setting.index, at: ["plugins"])
            func report(_ message: String) { known.problems.append(config.problem(at: place, message)) }
            do throws(PluginFault) {
                let found = try PluginFile(path: file)
                if let first = seen.first(where: { $0.identity == found.identity }) {
                    report("\(file) is the same file as \(first.path): leave one of them out")
                    continue
                }
                seen.append((found.identity, file))
                let plugin = try LoadedPlugins.ofThisProcess.load(found)
                if plugin.isChanged { known.changed.append(file) }
                for type in plugin.types { add(type, from: file, to: &known, at: place) }
            } catch {
                report(error.code == .closedServer ? "\(error)" : "\(file): \(error)")
            }
        }
        let isMistaken = problems.contains { $0.key == "plugins" || $0.key.hasPrefix("plugins.") }
        known.isSomeMissing = isMistaken || !known.problems.isEmpty
        return known
    }

    private func add(
        _ type: any MiddlewarePlugin.Type,
        from file: String,
        to known: inout KnownPlugins,
        at place: [String]
    ) {
        guard known.registry.names.contains(type.name) else {
            known.registry.register(type)
            known.files[type.name] = file
            return
        }
        let other = known.files[type.name] ?? "this program"
        let message = "\(file): it has a middleware \"\(type.name)\", and so has \(other): rename one of them"
        known.problems.append(config.problem(at: place, message))
    }
}
