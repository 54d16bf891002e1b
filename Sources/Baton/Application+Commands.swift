extension Application {
    /// What a server can be asked instead of to serve.
    package enum Command: Equatable {
        /// Whether the configuration is in order.
        case check
        /// What requests pass: all of them, or those of a path.
        case chain(route: String?)
        /// A JSON Schema of the configuration.
        case schema

        /// Reads the arguments of a process; `nil` is made of those that ask for nothing of this, and are the program's own.
        ///
        /// - Parameter arguments: The arguments, without the name of the program.
        package init?(_ arguments: [String]) {
            switch (arguments.first, arguments.dropFirst().first) {
            case ("check", nil): self = .check
            case ("schema", nil): self = .schema
            case ("chain", nil): self = .chain(route: nil)
            case ("chain", "--route") where arguments.count == 3 && arguments[2].hasPrefix("/"):
                self = .chain(route: arguments[2])
            default: return nil
            }
        }
    }

    /// The answer to a command: what was asked for, and what is to be said beside it.
    package struct Answer {
        package let text: String
        package let warnings: [String]
    }

    /// Answers a command; nothing is started.
    ///
    /// - Parameter command: The command.
    /// - Returns: The answer.
    /// - Throws: ``ConfigurationError`` with all mistakes, or ``RouterError``.
    package func answer(_ command: Command) throws -> Answer {
        switch command {
        case .check:
            let plan = try makePlan()
            _ = try router.makeHandler()
            let names = plan.global.map(\.name) + ["handler"]
            let text = "\(config.file) is in order. Chain: \(names.joined(separator: " -> "))"
            return Answer(text: text, warnings: plan.warnings.map(\.description))
        case .chain(let route): return Answer(text: try describeChain(for: route), warnings: [])
        case .schema: return Answer(text: try configurationSchema, warnings: [])
        }
    }
}
