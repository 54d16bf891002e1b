/// Which part of the context a job gets: all of it, only some values, all but some, or the application alone.
///
/// ```swift
/// let report = try pool.submit(context: .only(TenantKey.self, propagators: ["trace"])) { render() }
/// ```
///
/// A pool has one for all of its jobs; one that is given with a job takes its place. What is left out is cleared: it reads as
/// the default of its key, and what a propagator would have carried is absent, also where the job runs on a thread that has a
/// value of its own. Nothing that was left out can be had back further on: a job passes on what it has itself.
///
/// A propagator that is named as `unchanged` takes no part at all: its value is what the thread has that runs the job. On a
/// worker that is none, or what the worker initializer has put there; in ``ContextSnapshot/run(_:atEnd:)-swift.method`` and
/// where a caller that is no worker runs the job (``FullQueuePolicy/callerRuns``) it is the caller's. (Propagated, cleared and
/// unchanged are the words of MicroProfile Context Propagation.)
///
/// It selects what the job sees, not how long it lives: a job that does not see its request is stopped with it all the
/// same, unless it is ``JobLifetime/detached``. In an async closure every task-local travels with ``all`` and with an
/// ``except(_:names:propagators:)`` that names no propagator; otherwise those of `.taskLocal` propagators that are selected.
///
/// A selection is a value of one word, made once where it matters: ``all`` costs a job nothing.
public struct ContextSelection: Sendable {
    private enum Rule: Sendable {
        case all
        case appOnly
        case only(ContextFilter)
        case except(ContextFilter)
    }

    private let rule: Rule

    /// Whether nothing is left out: asked first, since it is the rule.
    var isAll: Bool { if case .all = rule { true } else { false } }

    /// The whole context, which is what a job gets where nothing else is said.
    public static let all = ContextSelection(rule: .all)

    /// The application alone: no request, none of its values, and nothing that propagators carry.
    ///
    /// For work that serves everybody, such as filling a cache, and must not depend on who happened to ask first.
    public static let appOnly = ContextSelection(rule: .appOnly)

    /// The application and the request, with these values only.
    ///
    /// What the context was made for, `Request.current` in a server, is not among them: it holds what others have sent.
    ///
    /// - Parameters:
    ///   - keys: The keys of the values that travel.
    ///   - names: Names of values of any type, where a key is private to its library or to `config.yml`.
    ///   - propagators: The names of the propagators that take part; the values of the others are cleared.
    ///   - unchanged: The names of propagators whose values stay as they are where the job runs.
    /// - Returns: The selection.
    /// - Throws: ``ContextPoolError`` with the code `invalidConfiguration` where nothing is named, a propagator twice, or a key
    ///   that never travels.
    public static func only<each Key: ContextKey>(
        _ keys: repeat (each Key).Type,
        names: [String] = [],
        propagators: [String] = [],
        unchanged: [String] = []
    ) throws(ContextPoolError) -> ContextSelection {
        var selected: [ContextFilter.Key] = []
        for key in repeat each keys {
            guard key.travel != .cleared else { throw .neverTravels(key.name) }
            selected.append(ContextFilter.Key(key))
        }
        let filter = try ContextFilter(keys: selected, names: names, propagators: propagators, unchanged: unchanged)
        guard !filter.isEmpty else {
            throw .invalidConfiguration(
                "ContextSelection.only names no key and no propagator. Name one, or say .appOnly for a job without a request."
            )
        }
        return ContextSelection(rule: .only(filter))
    }

    /// The whole context without these values.
    ///
    /// What the context was made for, `Request.current` in a server, stays: for a job that is not to have it, name with `only` what it
    /// needs.
    ///
    /// - Parameters:
    ///   - keys: The keys of the values that stay behind.
    ///   - names: Names of values of any type, where a key is private to its library or to `config.yml`.
    ///   - propagators: The names of the propagators whose values are cleared.
    ///   - unchanged: The names of propagators whose values stay as they are where the job runs.
    /// - Returns: The selection.
    /// - Throws: ``ContextPoolError`` with the code `invalidConfiguration` where nothing is named, or a propagator twice.
    public static func except<each Key: ContextKey>(
        _ keys: repeat (each Key).Type,
        names: [String] = [],
        propagators: [String] = [],
        unchanged: [String] = []
    ) throws(ContextPoolError) -> ContextSelection {
        var selected: [ContextFilter.Key] = []
        for key in repeat each keys { selected.append(ContextFilter.Key(key)) }
        let filter = try ContextFilter(keys: selected, names: names, propagators: propagators, unchanged: unchanged)
        guard !filter.isEmpty else {
            throw .invalidConfiguration(
                "ContextSelection.except names no key and no propagator. Name one, or say .all."
            )
        }
        return ContextSelection(rule: .except(filter))
    }

    /// Refuses a selection that names a propagator which is not there: a slip of the pen would otherwise carry too much,
    /// or too little.
    func check(against propagators: [ContextPropagator]) throws(ContextPoolError) {
        let filter: ContextFilter
        switch rule {
        case .all, .appOnly: return
        case .only(let selected), .except(let selected): filter = selected
        }
        for name in filter.propagators + filter.unchanged where !propagators.contains(where: { $0.name == name }) {
            let known = propagators.isEmpty ? "none" : propagators.map(\.name).joined(separator: ", ")
            throw .invalidConfiguration(
                """
                The context selection names the propagator "\(name)", which the pool does not have; registered are: \
                \(known). Register it when the pool is made, or name one of these.
                """
            )
        }
    }

    /// Whether a job sees the request at all.
    var hasRequest: Bool { if case .appOnly = rule { false } else { true } }

    /// Whether a task is to take all task-locals of its creator.
    var hasAllTaskLocals: Bool {
        switch rule {
        case .all: true
        case .except(let filter): filter.propagators.isEmpty && filter.unchanged.isEmpty
        case .only, .appOnly: false
        }
    }

    /// What of the values that travel is selected.
    func values(of values: ContextValues) -> ContextValues {
        switch rule {
        case .all: values
        case .appOnly: ContextValues()
        case .only(let filter): filter.matching(values)
        case .except(let filter): filter.rest(of: values)
        }
    }

    /// What becomes of the value of a propagator.
    private enum Treatment { case propagated, cleared, unchanged }

    private func treatment(of propagator: String) -> Treatment {
        switch rule {
        case .all: .propagated
        case .appOnly: .cleared
        case .only(let filter), .except(let filter):
            if filter.unchanged.contains(propagator) {
                .unchanged
            } else {
                filter.propagators.contains(propagator) == isOnly ? .propagated : .cleared
            }
        }
    }

    private var isOnly: Bool { if case .only = rule { true } else { false } }

    /// What the propagators bring, and what is hidden of them.
    ///
    /// - Parameters:
    ///   - registered: All that there are.
    ///   - inTask: Whether a task runs the job, which begins without task-locals where anything is left out.
    ///   - hidesMissing: Whether what the submitter does not have is hidden from the job, too: on a worker there is nothing.
    /// - Returns: What the job is to be run with.
    func carried(from registered: [ContextPropagator], inTask: Bool, hidesMissing: Bool) -> [CarriedValue] {
        // A loop: as a rule nothing is carried, and `compactMap` takes two thousand instructions to say so.
        var carried: [CarriedValue] = []
        for propagator in registered {
            let value: CarriedValue? =
                switch isAll ? .propagated : treatment(of: propagator.name) {
                case .propagated: propagator.carry(inTask: inTask) ?? (hidesMissing ? propagator.hidden : nil)
                case .cleared: inTask ? nil : propagator.hidden
                case .unchanged: nil
                }
            if let value { carried.append(value) }
        }
        return carried
    }
}

extension ContextPoolError {
    fileprivate static func neverTravels(_ key: String) -> ContextPoolError {
        .invalidConfiguration(
            """
            ContextSelection.only names the key "\(key)", which is declared as .cleared and never travels. Declare it as \
            .copied, or pass its value in as a parameter.
            """
        )
    }
}
