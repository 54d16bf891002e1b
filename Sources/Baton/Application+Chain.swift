import Middleware

extension Application {
    /// Reads the chain that the configuration names, and the options of all middleware, without starting any.
    ///
    /// - Returns: The names of the middleware, outermost first.
    /// - Throws: ``ConfigurationError`` with all unknown names, the mistakes in the options of each middleware, and what is wrong
    ///   with their order.
    @discardableResult
    public func checkChain() throws(ConfigurationError) -> [String] { try makePlan().steps.map(\.name) }

    /// Makes the middleware that the configuration names; none is started.
    func makePlan() throws(ConfigurationError) -> ChainPlan {
        var problems = registry.duplicates.sorted()
            .map { name in
                ConfigProblem(
                    file: config.file,
                    message: "two middleware are registered as \"\(name)\": rename one of them"
                )
            }
        var steps: [ChainPlan.Step] = []
        for (index, name) in settings.chain.enumerated() {
            guard registry.names.contains(name) else {
                let advice = Suggestion.advice(for: name, among: registry.names)
                problems.append(config.problem(at: ["chain", "\(index)"], "unknown middleware \"\(name)\"\(advice)"))
                continue
            }
            guard !settings.chain[..<index].contains(name) else {
                problems.append(config.problem(at: ["chain", "\(index)"], "\"\(name)\" is in the chain already"))
                continue
            }
            if let plugin = make(name, &problems) {
                steps.append(ChainPlan.Step(name: name, place: ["chain", "\(index)"], plugin: plugin))
            }
        }
        // Options of what is not in the chain are checked, too: it will be put back one day.
        for name in settings.configured where !settings.chain.contains(name) {
            if registry.names.contains(name) {
                _ = make(name, &problems)
            } else {
                let advice = Suggestion.advice(for: name, among: registry.names)
                problems.append(config.problem(at: ["middleware", name], "unknown middleware\(advice)"))
            }
        }
        problems += breaches(in: steps)
        if let problem = DemoSecret.problem(in: config, settings) { problems.append(problem) }
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        return ChainPlan(steps: steps)
    }

    private func breaches(in steps: [ChainPlan.Step]) -> [ConfigProblem] {
        let places = steps.map { step in
            ChainRule.Place(name: step.name, plugin: type(of: step.plugin).name, rules: step.plugin.chainRules)
        }
        return ChainRule.breaches(in: places).map { config.problem(at: steps[$0.place].place, $0.message) }
    }

    private func make(_ name: String, _ problems: inout [ConfigProblem]) -> (any MiddlewarePlugin)? {
        let path = ["middleware", name]
        let (decoded, mistakes) = config.read(at: path) { try registry.decode(name, from: $0) }
        problems += mistakes
        guard let decoded = decoded.flatMap(\.self) else { return nil }
        let refusals = decoded.validate()
        problems += refusals.map { config.problem(for: $0, at: path) }
        guard mistakes.isEmpty, refusals.isEmpty else { return nil }
        do {
            return try decoded.make()
        } catch let error as OptionsError {
            problems.append(config.problem(for: error, at: path))
        } catch {
            problems.append(config.problem(at: path, "\(error)"))
        }
        return nil
    }
}

/// The middleware of a chain before it is started.
struct ChainPlan {
    struct Step {
        let name: String
        /// Where the chain names it.
        let place: [String]
        let plugin: any MiddlewarePlugin
    }

    let steps: [Step]
}
