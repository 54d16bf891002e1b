/// What a middleware demands of the chain that it stands in.
///
/// ```swift
/// var chainRules: [ChainRule] { [.after("auth", because: "it counts the requests of each user")] }
/// ```
///
/// Names are those of plug-ins, whatever `config.yml` calls their instances. A rule is checked in every chain that a request
/// can pass: the global one, and that followed by the one of its path.
public struct ChainRule: Sendable, Equatable {
    enum Demand: Sendable {
        /// Where both are in a chain, the other one comes earlier.
        case after
        /// Where both are in a chain, the other one comes later.
        case before
        /// The other one is in the chain, and comes earlier.
        case needs
    }

    let demand: Demand
    /// The plug-in that the demand is about.
    public let name: String
    /// Why, in words that follow "because".
    public let reason: String

    /// Where the other one is in the chain, it stands before this one: it sees a request earlier.
    ///
    /// - Parameters:
    ///   - name: The name of the other plug-in.
    ///   - reason: Why, in words that follow "because".
    /// - Returns: The rule.
    public static func after(_ name: String, because reason: String) -> ChainRule {
        ChainRule(demand: .after, name: name, reason: reason)
    }

    /// Where the other one is in the chain, it stands behind this one: it sees a request later.
    ///
    /// - Parameters:
    ///   - name: The name of the other plug-in.
    ///   - reason: Why, in words that follow "because".
    /// - Returns: The rule.
    public static func before(_ name: String, because reason: String) -> ChainRule {
        ChainRule(demand: .before, name: name, reason: reason)
    }

    /// The other one must be in the chain, before this one.
    ///
    /// - Parameters:
    ///   - name: The name of the other plug-in.
    ///   - reason: Why, in words that follow "because".
    /// - Returns: The rule.
    public static func needs(_ name: String, because reason: String) -> ChainRule {
        ChainRule(demand: .needs, name: name, reason: reason)
    }
}

extension ChainRule {
    /// A step of a chain, as its rules see it.
    package struct Place: Sendable {
        /// What it is called in the chain.
        package let name: String
        /// The plug-in.
        package let plugin: String
        package let rules: [ChainRule]

        package init(name: String, plugin: String, rules: [ChainRule]) {
            self.name = name
            self.plugin = plugin
            self.rules = rules
        }
    }

    /// What is wrong with the order of a chain.
    ///
    /// - Parameter chain: The steps, outermost first.
    /// - Returns: The place in the chain of who has demanded it, and a sentence; empty where all rules are kept.
    package static func breaches(in chain: [Place]) -> [(place: Int, message: String)] {
        chain.enumerated()
            .flatMap { place, step in
                step.rules.compactMap { rule in
                    rule.breach(of: step.name, at: place, in: chain).map { (place, $0) }
                }
            }
    }

    private func breach(of step: String, at place: Int, in chain: [Place]) -> String? {
        let why = "because \(reason)"
        switch demand {
        case .after:
            guard let other = chain[place...].dropFirst().first(where: { $0.plugin == name }) else { return nil }
            return "\"\(step)\" must stand after \"\(other.name)\", \(why)"
        case .before:
            guard let other = chain[..<place].first(where: { $0.plugin == name }) else { return nil }
            return "\"\(step)\" must stand before \"\(other.name)\", \(why)"
        case .needs:
            guard !chain[..<place].contains(where: { $0.plugin == name }) else { return nil }
            let isLater = chain[place...].contains { $0.plugin == name }
            return isLater
                ? "\"\(step)\" must stand after \"\(name)\", \(why)"
                : "\"\(step)\" needs \"\(name)\" before it in the chain, \(why)"
        }
    }
}
