// The overloads differ in whether their closure is async, by which the compiler tells them apart.
// swift-format-ignore-file: AmbiguousTrailingClosureOverload

/// The app context, the request's values and the propagated task-locals, as they were at one instant.
///
/// Capturing costs O(1): the values are copy-on-write. A snapshot is a value and stays readable for as long as somebody
/// holds it, long after its request has ended. Each ``run(_:)-swift.method`` gets a ``RequestContext`` of its own, so
/// two runs of one snapshot, even at the same time, never share one.
public struct ContextSnapshot: Sendable {
    private enum Captured: Sendable {
        case none
        case app(AppContext)
        case request(AppContext, ContextValues, RequestLife?)
    }

    private let captured: Captured
    private let carried: [(name: String, scope: ContextPropagator.Scope)]
    /// By when the job should have ended, on the clock of its pool.
    private let deadline: Duration?

    /// Captures what is current here and now, with the propagators of the current application's pool.
    ///
    /// - Returns: The snapshot; an empty one outside of any context.
    public static func capture() -> ContextSnapshot {
        let scope = ContextScope.current
        return ContextSnapshot(of: scope, propagators: scope.app?.pool.propagators ?? [])
    }

    init(
        of scope: ContextScope,
        propagators: [ContextPropagator],
        lifetime: JobLifetime = .withRequest,
        deadline: Duration? = nil
    ) {
        self.deadline = deadline
        switch scope {
        case .none:
            captured = .none
        case .app(let app):
            captured = .app(app)
        case .request(let request) where lifetime.isDetached:
            captured = .request(request.app, request.g.travelling, nil)
        case .request(let request):
            let (values, life) = request.captureForJob()
            captured = .request(request.app, values, life)
        }
        carried =
            propagators.isEmpty
            ? [] : propagators.compactMap { propagator in propagator.capture().map { (propagator.name, $0) } }
    }

    /// Runs `operation` on the calling thread with the captured context, and restores what was current before.
    ///
    /// What was not captured is absent inside, even where the caller has it. Teardown callbacks that `operation` adds
    /// to its own copy of the request context run when it ends.
    ///
    /// - Parameter operation: What to run.
    /// - Returns: What `operation` returns.
    /// - Throws: What `operation` throws; otherwise what a propagator throws while it applies or restores its value.
    public func run<Result>(_ operation: () throws -> Result) throws -> Result {
        guard !carried.isEmpty else { return try runInScope(operation) }
        var outcome: Swift.Result<Result, any Error>?
        var calls = 0
        let applied = Swift.Result {
            try apply(carried[...]) {
                calls += 1
                guard calls == 1 else { throw ContextError.propagatorMisbehaved(carried.map(\.name)) }
                outcome = Swift.Result { try runInScope(operation) }
                _ = try outcome?.get()
            }
        }
        // What the operation throws comes first: no propagator may hide it, by an error of its own or by swallowing it.
        if case .failure(let error) = outcome { throw error }
        try applied.get()
        guard let outcome, calls == 1 else { throw ContextError.propagatorMisbehaved(carried.map(\.name)) }
        return try outcome.get()
    }

    /// Runs an async `operation` with the captured app and request context.
    ///
    /// Propagators take no part: a `Task` carries the task-locals of its creator by itself.
    ///
    /// - Parameter operation: What to run.
    /// - Returns: What `operation` returns.
    /// - Throws: What `operation` throws.
    public func run<Result>(_ operation: () async throws -> Result) async throws -> Result {
        let scope = makeScope()
        defer { scope.request?.tearDown() }
        return try await scope.bind(operation)
    }

    /// Gives a closure this snapshot: whoever calls the result, on whichever thread, runs `operation` inside of it.
    ///
    /// - Parameter operation: What each call runs.
    /// - Returns: The closure with its context.
    public func bind<Result>(_ operation: @escaping @Sendable () throws -> Result) -> @Sendable () throws -> Result {
        { try run(operation) }
    }

    private func runInScope<Result>(_ operation: () throws -> Result) throws -> Result {
        let scope = makeScope()
        defer { scope.request?.tearDown() }
        return try scope.bind(operation)
    }

    private func makeScope() -> ContextScope {
        switch captured {
        case .none: .none
        case .app(let app): .app(app)
        case .request(let app, let values, let life):
            .request(RequestContext(app: app, values: values, sharing: life, deadline: deadline))
        }
    }

    /// The values of the request that was captured; none where there was none.
    var values: ContextValues {
        guard case .request(_, let values, _) = captured else { return ContextValues() }
        return values
    }

    /// The life of the request that was captured; `nil` where there was none, or it is left behind.
    var life: RequestLife? {
        guard case .request(_, _, let life) = captured else { return nil }
        return life
    }

    /// Nests the scopes, so that leaving is the unwinding of the stack: also when one of them throws.
    private func apply(
        _ scopes: ArraySlice<(name: String, scope: ContextPropagator.Scope)>,
        _ operation: () throws -> Void
    ) throws {
        guard let first = scopes.first else { return try operation() }
        try first.scope { try apply(scopes.dropFirst(), operation) }
    }
}
