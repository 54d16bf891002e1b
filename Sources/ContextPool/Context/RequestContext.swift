public import Synchronization

/// What belongs to one request: its values (``g``), its application, and the work to do when it ends.
///
/// A middleware receives it, a handler receives it, and code below them that takes no parameter reads ``current``. A
/// job submitted from a request has a `RequestContext` of its own, made from a ``ContextSnapshot``: the same
/// application, a copy of the values. It may be used from any thread; a job may keep it after the request has ended.
public final class RequestContext: Sendable {
    /// A closure in a struct: bare, one that is kept in generic hands gets a wrapping, which is an allocation each time.
    struct Teardown: Sendable {
        let run: @Sendable (RequestContext) -> Void
    }

    @usableFromInline struct State {
        @usableFromInline var values: ContextValues
        var teardown: [Teardown] = []
        var isTornDown = false
        /// Shared with the jobs; `nil` until somebody needs it.
        var life: RequestLife?
        /// What this context has left with `life`, to be taken back when it ends.
        var cancelCallbacks: Set<Int> = []
        /// By when this request or job should have ended, on the clock of the pool.
        var deadline: Duration?
        /// What is to be cleaned up after the last job; `nil` until there is something.
        var hold: ContextHold?
    }

    /// The application that serves the request.
    public let app: AppContext

    @usableFromInline let state: Mutex<State>

    /// The line where the context of this job was captured, which for `submit` is the line of the call; `nil` for a
    /// request's own.
    public let capturedAt: SourceSite?

    /// Whether it is a job's copy, and not a request's own.
    let isOfJob: Bool

    /// Whether the life ends with this context: a request's own does, and that of a detached job; that of another job does not.
    let endsLife: Bool

    /// What whoever made the context keeps with it; a job's has none.
    ///
    /// Not among the values, which each write would copy, and where its type would have to be looked for.
    package let companion: (any AnyObject & Sendable)?

    /// Creates the context of a request; the server does so for each request, a test may do so by hand.
    ///
    /// - Parameters:
    ///   - app: The application that serves the request.
    ///   - values: The values to begin with.
    ///   - limit: How long the request may take; its jobs inherit that and do not begin later. Whoever makes the context
    ///     cancels it then.
    public convenience init(
        app: AppContext,
        values: ContextValues = ContextValues(),
        within limit: Duration? = nil
    ) {
        self.init(app: app, values: values, within: limit, companion: nil)
    }

    /// Creates the context of a request, with something that its maker finds again in it.
    package init(
        app: AppContext,
        values: consuming ContextValues,
        within limit: Duration?,
        companion: (any AnyObject & Sendable)?
    ) {
        self.app = app
        self.companion = companion
        isOfJob = false
        endsLife = true
        capturedAt = nil
        let deadline = app.pool.deadline(in: limit)
        if values.shared != nil { values = values.withOwnShared }
        self.state = Mutex(State(values: values, deadline: deadline))
    }

    /// Creates the context of a job, which is stopped with the request that it belongs to, if with any.
    init(
        app: AppContext,
        values: ContextValues,
        life: RequestLife?,
        deadline: Duration? = nil,
        hold: ContextHold? = nil,
        capturedAt site: SourceSite? = nil
    ) {
        self.app = app
        companion = nil
        isOfJob = true
        endsLife = life == nil
        capturedAt = site
        self.state = Mutex(State(values: values, life: life, deadline: deadline, hold: hold))
    }

    /// A request that nobody has torn down ends here: jobs that wait for its end must not wait for ever.
    deinit { if endsLife { state.withLock { $0.isTornDown ? nil : $0.life }?.end() } }

    /// The values of this request: Flask's `g`.
    ///
    /// Each read and each write is atomic by itself; `context.g.count += 1` is one of each, so where several tasks
    /// write the same value at once use ``updateValues(_:)``. A job writes to its own copy, and nobody else sees that.
    public var g: ContextValues {
        get { state.withLock { $0.values } }
        set {
            // What is replaced dies outside of the lock, since it may read this context while it dies.
            var values = newValue
            state.withLock { state in
                values.keepShared(of: state.values)
                swap(&state.values, &values)
            }
        }
    }

    /// Changes the values in one step that no other task can come between.
    ///
    /// - Parameter body: Receives the values. It runs under a lock: keep it short, and do not use this context inside.
    /// - Returns: What `body` returns.
    @inlinable
    public func updateValues<Result: Sendable>(_ body: @Sendable (inout ContextValues) -> Result) -> Result {
        // As in the setter of `g`, nothing dies under the lock.
        let (result, _) = state.withLock { state in
            let old = state.values
            let result = body(&state.values)
            state.values.keepShared(of: old)
            return (result, old)
        }
        return result
    }

    /// Changes one value in one step that no other task can come between, nor another job where the key is
    /// ``ContextTravel/shared``.
    ///
    /// - Parameters:
    ///   - key: The key of the value.
    ///   - body: Receives the value, or the default of the key. It runs under a lock: keep it short, and do not use this
    ///     context inside.
    /// - Returns: What `body` returns.
    @inlinable
    public func update<Key: ContextKey, Result: Sendable>(
        _ key: Key.Type,
        _ body: @Sendable (inout Key.Value) -> Result
    ) -> Result {
        Key.travel == .shared ? shared.update(key, body) : updateValues { body(&$0[key]) }
    }

    /// Writes one value, in one step that no other task can come between.
    ///
    /// It does the same as ``update(_:_:)`` with a body that takes the new value, for less: the other values are not copied.
    ///
    /// - Parameters:
    ///   - key: The key of the value.
    ///   - value: The value.
    @inlinable
    public func set<Key: ContextKey>(_ key: Key.Type, to value: Key.Value) {
        // As in the setter of `g`, nothing dies under the lock.
        switch Key.travel {
        case .copied:
            _ = state.withLock { state in
                ContextValues.write(value, named: Key.name, isSecret: Key.isSecret, into: &state.values.copied)
            }
        case .cleared:
            _ = state.withLock { state in
                ContextValues.write(value, named: Key.name, isSecret: Key.isSecret, into: &state.values.cleared)
            }
        case .shared: shared.write(value, to: key)
        }
    }

    /// Whether a value has been written for a key, rather than that its default is read.
    @inlinable
    package func hasValue<Key: ContextKey>(of key: Key.Type) -> Bool {
        let values = g
        let slots = Key.travel == .cleared ? values.cleared : values.copied
        let shared = Key.travel == .shared ? values.shared : nil
        return shared?.read(key) != nil || ContextValues.read(Key.Value.self, named: Key.name, from: slots) != nil
    }

    /// Writes a text value by its name alone, as `g[named:]` does, in one step that no other task can come between.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - value: The text; `nil` for none.
    public func set(named name: String, to value: String?) {
        _ = state.withLock { ContextValues.write(value, named: name, isSecret: false, into: &$0.values.copied) }
    }

    @usableFromInline var shared: SharedValues {
        state.withLock { state in
            let shared = state.values.shared ?? SharedValues()
            state.values.shared = shared
            return shared
        }
    }

    /// The pool of the application, on which a handler runs background work.
    public var pool: ContextPool { app.pool }

    /// Runs `callback` once when this context ends: a request's after its response was sent or given up, a job's own
    /// after its body returned or threw.
    ///
    /// Callbacks run in the reverse order of their registration, each with this context current. One that is added
    /// after the end runs at once, on the calling thread. Where the request was cancelled, a job that one submits must be
    /// ``JobLifetime/detached``.
    ///
    /// - Parameter callback: Receives this context. It runs on the event loop for a request: it must not block.
    public func onTeardown(_ callback: @escaping @Sendable (RequestContext) -> Void) {
        let isTooLate = state.withLock { state in
            if !state.isTornDown { state.teardown.append(Teardown(run: callback)) }
            return state.isTornDown
        }
        if isTooLate { ContextScope.request(self).bind { callback(self) } }
    }

    /// Ends the context by running its teardown callbacks; the second and later calls do nothing.
    ///
    /// Whoever made the context calls it, exactly where its request ends; a job's copy is ended by the pool.
    public func tearDown() {
        let hasMore = state.withLock { state in
            defer { state.isTornDown = true }
            return !state.isTornDown && state.leavesSomething(endsLife: endsLife)
        }
        if hasMore { tearDownAll() }
    }

    private func tearDownAll() {
        let (callbacks, life, left, holds) = state.withLock { state in
            defer {
                state.teardown = []
                state.cancelCallbacks = []
            }
            return (state.teardown, state.life, state.cancelCallbacks, state.hold != nil)
        }
        // After the callbacks, which may still need what is held, and outside of the lock.
        defer { if holds { _ = state.withLock { $0.hold.take() } } }
        if endsLife {
            life?.end()
        } else {
            for number in left { life?.removeCallback(number) }
        }
        guard !callbacks.isEmpty else { return }
        ContextScope.request(self)
            .bind {
                for callback in callbacks.reversed() { callback.run(self) }
            }
    }
}

extension RequestContext.State {
    /// Whether its end is more than a mark: as a rule nobody waits for it, and a job's own ends with every job.
    fileprivate func leavesSomething(endsLife: Bool) -> Bool {
        !teardown.isEmpty || !cancelCallbacks.isEmpty || hold != nil || endsLife && life != nil
    }
}

extension RequestContext {
    /// The request that this code runs for, or `nil` outside of one.
    public static var current: RequestContext? { ContextScope.current.request }

    /// The request that this code runs for.
    ///
    /// - Returns: The current request context; inside a job, the job's copy of it.
    /// - Throws: ``ContextError/Code-swift.struct/outsideRequestContext`` where there is none, with what to do about
    ///   it.
    public static func require() throws(ContextError) -> RequestContext {
        guard let current else { throw .outsideRequestContext }
        return current
    }

    /// Runs `operation` inside `context` and restores what was current before.
    ///
    /// - Parameters:
    ///   - context: The request that is current inside of `operation`; its application is, too.
    ///   - operation: What to run; on the calling thread, before this method returns.
    /// - Returns: What `operation` returns.
    /// - Throws: What `operation` throws.
    @inlinable
    public static func withCurrent<Result, Failure: Error>(
        _ context: RequestContext,
        _ operation: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try ContextScope.request(context).bind(operation)
    }

    /// Runs an async `operation` inside `context` and restores what was current before.
    ///
    /// - Parameters:
    ///   - context: The request that is current inside of `operation`, on whichever thread it resumes.
    ///   - operation: What to run.
    /// - Returns: What `operation` returns.
    /// - Throws: What `operation` throws.
    @inlinable
    public static func withCurrent<Result, Failure: Error>(
        _ context: RequestContext,
        _ operation: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await ContextScope.request(context).bind(operation)
    }

    /// Runs an async `operation` that cannot fail inside `context` and restores what was current before.
    ///
    /// - Parameters:
    ///   - context: The request that is current inside of `operation`, on whichever thread it resumes.
    ///   - operation: What to run.
    /// - Returns: What `operation` returns.
    @inlinable
    public static func withCurrent<Result>(
        _ context: RequestContext,
        _ operation: () async -> Result
    ) async -> Result {
        await ContextScope.request(context).bind(operation)
    }
}
