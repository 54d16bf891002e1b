/// What a propagator captured, on its way to the worker.
struct CarriedValue: Sendable {
    /// The propagator's name.
    let name: String
    /// Whether it is the absence of a value, which is to be applied, too.
    var isHidden = false
    /// Applies the value around a plain closure.
    let scope: ContextPropagator.Scope
    /// Applies the value around an async closure, where that can be done.
    let taskScope: ContextPropagator.TaskScope?
}

extension [CarriedValue] {
    /// Runs `operation` with everything applied, once and on the calling thread, whatever the scopes do.
    ///
    /// The scopes nest, so that leaving is the unwinding of the stack: also when one of them throws.
    func run<Result>(_ operation: () throws -> Result) throws -> Result {
        var outcome: Swift.Result<Result, any Error>?
        var calls = 0
        let thread = PlatformThread.current
        let applied = Swift.Result {
            try apply(self[...]) {
                // On a thread of the propagator's own nothing that the others have applied would be there.
                guard PlatformThread.current == thread else { throw ContextError.propagatorMisbehaved(map(\.name)) }
                calls += 1
                guard calls == 1 else { throw ContextError.propagatorMisbehaved(map(\.name)) }
                outcome = Swift.Result { try operation() }
                _ = try outcome?.get()
            }
        }
        // What the operation throws comes first: no propagator may hide it, by an error of its own or by swallowing it.
        if case .failure(let error) = outcome { throw error }
        try applied.get()
        guard let outcome, calls == 1 else { throw ContextError.propagatorMisbehaved(map(\.name)) }
        return try outcome.get()
    }

    private func apply(_ values: ArraySlice<CarriedValue>, _ operation: () throws -> Void) throws {
        guard let first = values.first else { return try operation() }
        try first.scope { try apply(values.dropFirst(), operation) }
    }

    /// Runs an async `operation` with everything applied that can be.
    func bind<Result>(_ operation: () async throws -> Result) async throws -> Result {
        guard !isEmpty else { return try await operation() }
        var outcome: Result?
        try await bind(self[...]) { outcome = try await operation() }
        guard let outcome else { throw ContextError.propagatorMisbehaved(map(\.name)) }
        return outcome
    }

    private func bind(_ values: ArraySlice<CarriedValue>, _ operation: () async throws -> Void) async throws {
        guard let first = values.first else { return try await operation() }
        guard let scope = first.taskScope else { return try await bind(values.dropFirst(), operation) }
        try await scope { try await bind(values.dropFirst(), operation) }
    }
}
