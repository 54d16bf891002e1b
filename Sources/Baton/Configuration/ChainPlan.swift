import Middleware

/// The middleware that a configuration names, read and checked; none is started.
struct ChainPlan {
    /// One plug-in with its options, under its name.
    struct Instance {
        let name: String
        /// The name of the plug-in; that of the instance unless the file says `use`.
        let plugin: String
        /// Where the options stand, or would stand.
        let path: [String]
        let middleware: any MiddlewarePlugin
        /// The options that were read, and where they stand.
        let options: [ConfigSession.Value]
        /// The other options, with what holds for them, as it may be shown.
        let defaults: [String: String]
    }

    /// A place in a chain.
    struct Step {
        let name: String
        /// Where the chain names it.
        let place: [String]
    }

    /// A chain of some requests.
    struct Chain {
        let name: String
        let scopes: [ChainScope]
        let steps: [Step]

        /// Whether it is for routes rather than for paths.
        var isForRoutes: Bool { scopes.contains { $0.kind == .route } }
    }

    /// What every request passes, outermost first.
    var global: [Step] = []
    /// What some requests pass behind it.
    var chains: [Chain] = []
    /// The plug-ins that stand in a chain, in the order in which they appear.
    var instances: [Instance] = []
    /// The files of the plug-ins that come from one, by the names of the plug-ins.
    var files: [String: String] = [:]
    /// The files of plug-ins that are other ones now than those that were loaded.
    var changedFiles: [String] = []
    /// What is not wrong, but most likely not meant.
    var warnings: [ConfigProblem] = []

    func instance(_ name: String) -> Instance? { instances.first { $0.name == name } }

    /// The chains that stand behind the global one for a path, and for a route where one is known.
    func chains(forPath path: String, route: String?) -> [Chain] {
        let byPath = chains.filter { chain in chain.scopes.contains { $0.contains(path) } }
        let byRoute = chains.filter { chain in chain.scopes.contains { $0.kind == .route && $0.path == route } }
        return byPath + byRoute
    }

    /// All chains that a request may pass as a whole, by way of a path that shows it.
    var effectiveChains: [[Step]] {
        let scopes = chains.flatMap(\.scopes)
        let paths = scopes.flatMap { scope -> [(path: String, route: String?)] in
            switch scope.kind {
            case .exactly: [(scope.path, nil)]
            case .below: [(scope.path, nil), (scope.path.hasSuffix("/") ? "\(scope.path)-" : "\(scope.path)/-", nil)]
            case .route: [(scope.path.replacing(/\{[^}]*\}/, with: "-"), scope.path)]
            }
        }
        var seen: Set<[String]> = [[]]
        let sets = paths.map { chains(forPath: $0.path, route: $0.route) }
            .filter { seen.insert($0.map(\.name)).inserted }
        return ([[]] + sets).map { global + $0.flatMap(\.steps) }
    }
}
