import EventServer
import Middleware

/// A `proxy-headers` that has nobody to believe.
enum MissingProxies {
    /// What is wrong with a step that believes proxies of a server that trusts none; `nil` where that is not so.
    ///
    /// - Parameters:
    ///   - config: The configuration.
    ///   - settings: What was read of it.
    ///   - step: The step in question.
    /// - Returns: The problem.
    static func problem(in config: ConfigFile, _ settings: Settings, for step: ChainPlan.Step) -> ConfigProblem? {
        let path = ["server", "proxies", "trusted"]
        guard settings.server.proxies.trusted.isEmpty else { return nil }
        // One that is mistaken was reported, and is not missing.
        let named = try? config.decode(at: path) { try [String](from: $0) }
        guard !config.isPresent(path) || named == [] else { return nil }
        return config.problem(
            at: step.place,
            """
            "\(step.name)" would believe nobody, since server.proxies.trusted names no proxy. Name its address there, such as \
            127.0.0.1, 10.0.0.0/8 or unix, or take the step out.
            """
        )
    }
}
