import Middleware

/// Reads the middleware that a configuration names, and finds all that is wrong with it.
struct ChainReader {
    let config: ConfigFile
    let settings: Settings
    let registry: MiddlewareRegistry
    private(set) var problems: [ConfigProblem] = []
    /// The variables of the environment that some option has.
    private(set) var variables: Set<String> = []
    private let routes: [String]
    private let plugins: KnownPlugins
    private var isEveryStepKnown = true
    /// What each name stands for, whether it is in a chain or not; `nil` where there are mistakes.
    private var instances: [String: ChainPlan.Instance?] = [:]

    /// - Parameters:
    ///   - config: The configuration.
    ///   - settings: What was read of it.
    ///   - plugins: The plug-ins that it can name.
    ///   - routes: The patterns of the routes that it can name.
    init(config: ConfigFile, settings: Settings, plugins: KnownPlugins, routes: [String]) {
        self.routes = routes
        self.config = config
        self.settings = settings
        self.plugins = plugins
        registry = plugins.registry
    }

    mutating func read() -> ChainPlan {
        problems = registry.duplicates.sorted()
            .map { name in
                let message = "two middleware are registered as \"\(name)\": rename one of them"
                return ConfigProblem(file: config.file, message: message)
            }
        // Options of what is in no chain are checked, too: it will be put back one day.
        for name in settings.configured { readInstance(name) }
        var plan = ChainPlan()
        plan.files = plugins.files
        plan.changedFiles = plugins.changed
        plan.global = readSteps(settings.steps, at: ["chain"])
        plan.chains = settings.chains.map { chain in
            let steps = readSteps(chain.steps, at: ["chains", chain.name, "steps"])
            return ChainPlan.Chain(name: chain.name, scopes: chain.scopes.map(\.value.scope), steps: steps)
        }
        var seen: Set<String> = []
        let names = (plan.global + plan.chains.flatMap(\.steps)).map(\.name).filter { seen.insert($0).inserted }
        plan.instances = names.compactMap { instances[$0] ?? nil }
        plan.warnings =
            ConfigurationError(settings.configured.filter { !names.contains($0) }.map(warnOfUnused)).problems
        checkScopes(of: plan)
        checkOrder(of: plan)
        for name in names where instances[name]??.plugin == AuthMiddleware.name {
            if let problem = DemoSecret.problem(in: config, settings, for: name) { problems.append(problem) }
        }
        for step in plan.global + plan.chains.flatMap(\.steps)
        where instances[step.name]??.plugin == ProxyHeadersMiddleware.name {
            if let problem = MissingProxies.problem(in: config, settings, for: step) { problems.append(problem) }
        }
        return plan
    }

    /// Whether a variable may be an option of a plug-in that the file does not mention.
    func isSpared(_ variable: String) -> Bool {
        registry.names.contains { name in
            instances[name] == nil && variable.hasPrefix(config.variable(at: ["middleware", name]) + "_")
        }
    }

    /// What an operator believes to be at work, and is not.
    private func warnOfUnused(_ name: String) -> ConfigProblem {
        let message = "it is in no chain, and so does nothing: name it below chain, or in one of chains, or take it out"
        var warning = config.problem(at: ["middleware", name], message)
        warning.isWarning = true
        return warning
    }

    private mutating func readSteps(_ names: [Placed<String>], at path: [String]) -> [ChainPlan.Step] {
        var steps: [ChainPlan.Step] = []
        for step in names {
            let name = step.value
            let place = path + ["\(step.index)"]
            guard registry.names.contains(name) || settings.configured.contains(name) else {
                isEveryStepKnown = false
                guard !mayBeOfMissingFile(name) else { continue }
                let advice = Suggestion.advice(for: name, among: knownNames)
                problems.append(config.problem(at: place, "unknown middleware \"\(name)\"\(advice)\(hint)"))
                continue
            }
            guard !names.contains(where: { $0.value == name && $0.index < step.index }) else {
                problems.append(config.problem(at: place, "\"\(name)\" is in the chain already"))
                continue
            }
            if instances[name] == nil { readInstance(name) }
            steps.append(ChainPlan.Step(name: name, place: place))
        }
        return steps
    }

    /// Whether an unknown name is rather that of a plug-in whose file could not be loaded, which was reported, than a mistyped one.
    private func mayBeOfMissingFile(_ name: String) -> Bool {
        let others = knownNames.filter { $0 != name }
        return plugins.isSomeMissing && Suggestion.nearest(to: name, among: others) == nil
    }

    /// What else an unknown name may be, where this program has no middleware of its own, as the command `baton` has not.
    private var hint: String {
        guard plugins.ownNames.isEmpty else { return "" }
        return """
             If another program registers it, run the check of that one (PROGRAM check); to load it here, name its library \
            below plugins.
            """
    }

    private var knownNames: [String] { Array(Set(registry.names + settings.configured)) }

    private mutating func readInstance(_ name: String) {
        let path = ["middleware", name]
        var plugin = name
        var own: Set<String> = []
        if !registry.names.contains(name) {
            own = ["use"]
            guard let used = readUse(of: name, at: path) else {
                instances.updateValue(nil, forKey: name)
                return
            }
            plugin = used
        }
        let reading = config.read(at: path, sparing: own) { try registry.decode(plugin, from: $0) }
        variables.formUnion(reading.session.variables)
        problems += reading.problems
        instances.updateValue(make(name, plugin, at: path, from: reading), forKey: name)
    }

    /// The plug-in that an instance with a name of its own is one of.
    private mutating func readUse(of name: String, at path: [String]) -> String? {
        let reading = config.read(at: path + ["use"]) { try $0.singleValueContainer().decode(String?.self) }
        variables.formUnion(reading.session.variables)
        problems += reading.problems
        guard reading.problems.isEmpty else { return nil }
        guard let used = reading.value ?? nil else {
            guard !mayBeOfMissingFile(name) else { return nil }
            let guess = Suggestion.nearest(to: name, among: registry.names).map { "; did you mean \"\($0)\"?" } ?? "."
            let known = "Known: \(registry.names.joined(separator: ", "))."
            let advice = "\(guess) \(known) For a second instance of one under this name, say `use: NAME`.\(hint)"
            problems.append(config.problem(at: path, "unknown middleware\(advice)"))
            return nil
        }
        guard registry.names.contains(used) else {
            guard !mayBeOfMissingFile(used) else { return nil }
            let advice = Suggestion.advice(for: used, among: registry.names)
            problems.append(config.problem(at: path + ["use"], "unknown middleware \"\(used)\"\(advice)\(hint)"))
            return nil
        }
        return used
    }

    private mutating func make(
        _ name: String,
        _ plugin: String,
        at path: [String],
        from reading: ConfigFile.Reading<DecodedPlugin?>
    ) -> ChainPlan.Instance? {
        guard let decoded = reading.value ?? nil else { return nil }
        var refusals = decoded.validate()
        if !reading.mistaken.isEmpty {
            // What was left out may be the reason of what is missing now; only what was read can be judged.
            refusals.removeAll { refusal in
                !config.isPresent(path + refusal.path)
                    || reading.mistaken.contains {
                        $0.starts(with: path + refusal.path) || (path + refusal.path).starts(with: $0)
                    }
            }
        }
        problems += refusals.map { config.problem(for: $0, at: path) }
        guard reading.mistaken.isEmpty, refusals.isEmpty else { return nil }
        do {
            return ChainPlan.Instance(
                name: name,
                plugin: plugin,
                path: path,
                middleware: try decoded.make(),
                options: reading.session.values,
                defaults: Self.defaults(of: decoded.options, reading.session, at: path)
            )
        } catch let error as OptionsError {
            problems.append(config.problem(for: error, at: path))
        } catch {
            problems.append(config.problem(at: path, "\(error)"))
        }
        return nil
    }

    /// The options that the file does not mention, as far as a type shows them in properties of the same names.
    private static func defaults(of options: Any, _ session: ConfigSession, at path: [String]) -> [String: String] {
        let shown = Mirror(reflecting: options).children
            .compactMap { child in
                child.label.map { ($0, ConfigText.text(of: child.value)) }
            }
        let values = Dictionary(shown) { first, _ in first }
        let given = Set(session.values.compactMap { $0.path.dropFirst(path.count).first })
        let left = session.names(at: path).subtracting(given)
        return Dictionary(left.map { ($0, values[$0] ?? "left out") }) { first, _ in first }
    }

    private mutating func checkScopes(of plan: ChainPlan) {
        for chain in plan.chains where chain.isForRoutes && chain.scopes.contains(where: { $0.kind != .route }) {
            let message = "a chain is for paths (below, exactly) or for routes: make two of it, with the same steps"
            problems.append(config.problem(at: ["chains", chain.name, "scope"], message))
        }
        for chain in settings.chains {
            for placed in chain.scopes {
                let scope = placed.value.scope
                guard scope.kind == .route, !routes.contains(scope.path) else { continue }
                let advice = Suggestion.nearest(to: scope.path, among: routes).map { "; did you mean \"\($0)\"?" } ?? ""
                let place = config.elementPath(placed.index, at: ["chains", chain.name, "scope"])
                problems.append(config.problem(at: place, "there is no route \"\(scope.path)\"\(advice)"))
            }
        }
    }

    /// Looks at all chains that a request can pass as a whole; what is told of several of them is told once.
    private mutating func checkOrder(of plan: ChainPlan) {
        for steps in plan.effectiveChains {
            for (index, step) in steps.enumerated() {
                guard let first = steps[..<index].first(where: { $0.name == step.name }) else { continue }
                let message = "\"\(step.name)\" is in the chain already, at \(config.describePlace(of: first.place))"
                problems.append(config.problem(at: step.place, message))
            }
            let places = steps.compactMap { step in
                instances[step.name].flatMap(\.self)
                    .map { ChainRule.Place(name: step.name, plugin: $0.plugin, rules: $0.middleware.chainRules) }
            }
            // Of what has mistakes the rules are not known, nor whether it is what others need.
            guard isEveryStepKnown, places.count == steps.count else { continue }
            for (place, message) in ChainRule.breaches(in: places) {
                problems.append(config.problem(at: steps[place].place, message))
            }
        }
    }
}

extension OptionsError {
    /// The key, below the middleware's own.
    var path: [String] { key.split(separator: ".").map(String.init) }
}
