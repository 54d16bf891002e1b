// The overloads differ in whether their closure is async, by which the compiler tells them apart.
// swift-format-ignore-file: AmbiguousTrailingClosureOverload

/// The app context, the request's values and the propagated task-locals, as they were at one instant.
///
/// Capturing costs O(1): the values are copy-on-write. A snapshot is a value and stays readable for as long as somebody
/// holds it, long after its request has ended. Each ``run(_:atEnd:)-swift.method`` gets a ``RequestContext`` of its own,
/// so two runs of one snapshot, even at the same time, never share one.
public struct ContextSnapshot: Sendable {
    // Side by side, and not in the cases of an enumeration: to look at the values would copy all of a case.
    private let app: AppContext?
    private let hasRequest: Bool

    /// The captured values; empty without a request.
    let values: ContextValues
    private let hold: ContextHold?

    let carried: [CarriedValue]

    /// By when the job should have ended, on the clock of its pool.
    private let deadline: Duration?

    /// The life of the request that was captured, which ends the job; `nil` where there was none, or it is left behind.
    let life: RequestLife?

    /// The line where it was captured; `nil` where nobody said.
    public let site: SourceSite?

    /// Captures what is current here and now, with the propagators of the current application's pool.
    ///
    /// - Parameters:
    ///   - selection: Which part of the context, in place of that which the pool's jobs get.
    ///   - file: Where it is captured, for errors and descriptions.
    ///   - line: Where it is captured.
    /// - Returns: The snapshot; an empty one outside of any context.
    public static func capture(
        _ selection: ContextSelection? = nil,
        file: String = #fileID,
        line: Int = #line
    ) -> ContextSnapshot {
        let scope = ContextScope.current
        let pool = scope.app?.pool
        return ContextSnapshot(
            of: scope,
            propagators: pool?.propagators ?? [],
            selection: selection ?? pool?.selection ?? .all,
            site: SourceSite(file: file, line: line),
            isForAnyThread: true
        )
    }

    /// - Parameters:
    ///   - scope: What to capture.
    ///   - propagators: Those of the pool, of which the selection takes its part.
    ///   - lifetime: Whether the job goes with the request.
    ///   - selection: Which part of the context; it has been checked.
    ///   - site: Where it is captured.
    ///   - deadline: By when the job should have ended; where it is `nil`, as whatever is captured.
    ///   - inTask: Whether a task runs it, which has the task-locals of its creator unless the selection leaves some out.
    ///   - isForAnyThread: Whether it may be run where others have left values of their own; a worker has none.
    init(
        of scope: ContextScope,
        propagators: [ContextPropagator],
        lifetime: JobLifetime = .withRequest,
        selection: ContextSelection = .all,
        site: SourceSite? = nil,
        deadline: Duration? = nil,
        inTask: Bool = false,
        isForAnyThread: Bool = false
    ) {
        var deadline = deadline
        app = scope.app
        if let request = scope.request {
            let parts = request.captureForJob(isDetached: lifetime.isDetached)
            life = parts.life
            deadline = deadline ?? parts.deadline
            hasRequest = selection.hasRequest
            hold = hasRequest ? parts.hold : nil
            values = selection.isAll ? parts.values : selection.values(of: parts.values)
        } else {
            life = nil
            hasRequest = false
            hold = nil
            values = ContextValues()
        }
        self.deadline = deadline
        self.site = site
        if propagators.isEmpty || inTask && selection.hasAllTaskLocals {
            carried = []
        } else {
            carried = selection.carried(from: propagators, inTask: inTask, hidesMissing: isForAnyThread)
        }
    }

    /// Runs `operation` on the calling thread with the captured context, and restores what was current before.
    ///
    /// What was not captured is absent inside, even where the caller has it. Teardown callbacks that `operation` adds
    /// to its own copy of the request context run when it ends.
    ///
    /// - Parameters:
    ///   - operation: What to run.
    ///   - atEnd: Receives what `operation` has changed in its copy of the values, when it has returned or thrown and the
    ///     context is gone, before the teardown callbacks. It is not called where a propagator kept `operation` from
    ///     running.
    /// - Returns: What `operation` returns.
    /// - Throws: What `operation` throws; otherwise what a propagator throws while it applies or restores its value.
    public func run<Result>(
        _ operation: () throws -> Result,
        atEnd: ((ContextChanges) -> Void)? = nil
    ) throws -> Result {
        try carried.isEmpty ? runInScope(operation, atEnd) : carried.run { try runInScope(operation, atEnd) }
    }

    /// Runs an async `operation` with the captured app and request context.
    ///
    /// Propagators take no part: a `Task` carries the task-locals of its creator by itself.
    ///
    /// - Parameters:
    ///   - operation: What to run.
    ///   - atEnd: Receives what `operation` has changed in its copy of the values, as in the other `run`.
    /// - Returns: What `operation` returns.
    /// - Throws: What `operation` throws.
    public func run<Result>(
        _ operation: () async throws -> Result,
        atEnd: ((ContextChanges) -> Void)? = nil
    ) async throws -> Result {
        let scope = makeScope()
        defer {
            atEnd?(changes(in: scope))
            scope.request?.tearDown()
        }
        return try await carried.bind { try await scope.bind(operation) }
    }

    /// Gives a closure this snapshot: whoever calls the result, on whichever thread, runs `operation` inside of it.
    ///
    /// - Parameter operation: What each call runs.
    /// - Returns: The closure with its context.
    public func bind<Result>(_ operation: @escaping @Sendable () throws -> Result) -> @Sendable () throws -> Result {
        { try run(operation) }
    }

    private func runInScope<Result>(
        _ operation: () throws -> Result,
        _ atEnd: ((ContextChanges) -> Void)?
    ) throws -> Result {
        let scope = makeScope()
        defer {
            atEnd?(changes(in: scope))
            scope.request?.tearDown()
        }
        // Binding costs an allocation, and there is nothing to hide.
        if case .none = scope, case .none = ContextScope.current { return try operation() }
        return try scope.bind(operation)
    }

    private func makeScope() -> ContextScope {
        guard let app else { return .none }
        guard hasRequest else { return .app(app) }
        return .request(
            RequestContext(app: app, values: values, life: life, deadline: deadline, hold: hold, capturedAt: site)
        )
    }

    private func changes(in scope: ContextScope) -> ContextChanges {
        guard let request = scope.request else { return .none }
        return ContextChanges(from: values.copied, to: request.g.copied)
    }
}

extension ContextSnapshot: CustomStringConvertible {
    /// What was captured, for a log: the application, the line, names and values, and the propagators that take part.
    ///
    /// Values of secret keys are redacted, those of cleared keys were not captured at all, and long ones are cut. Shared
    /// values are shown as they are now.
    public var description: String {
        guard let app else { return "no context" }
        var text = LoggedText.line(app.name)
        if hasRequest { text += ", request" }
        if let site { text += ", captured at \(site)" }
        let slots: [any AnySlot] = values.copied + (values.shared?.written ?? [])
        if !slots.isEmpty {
            text += ", with " + slots.map { "\(LoggedText.line($0.name))=\($0.loggedValue)" }.joined(separator: ", ")
        }
        let names = carried.filter { !$0.isHidden }.map { LoggedText.line($0.name) }
        if !names.isEmpty { text += ", carrying " + names.joined(separator: ", ") }
        return text
    }
}
