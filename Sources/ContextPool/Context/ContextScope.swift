// The overloads differ in whether their closure is async, by which the compiler tells them apart.
// swift-format-ignore-file: AmbiguousTrailingClosureOverload

/// Which application and request the running code belongs to.
///
/// One task-local holds both, because they change together: half the cost of two, and no way to have the request of one
/// application inside another.
@usableFromInline enum ContextScope: Sendable {
    case none
    case app(AppContext)
    case request(RequestContext)

    // Not `@TaskLocal`, whose projection could not be used by inlinable code.
    @usableFromInline static let local = TaskLocal(wrappedValue: ContextScope.none)

    static var current: ContextScope { local.get() }

    var app: AppContext? {
        switch self {
        case .none: nil
        case .app(let app): app
        case .request(let request): request.app
        }
    }

    var request: RequestContext? {
        guard case .request(let request) = self else { return nil }
        return request
    }

    /// Whose turns a job takes that goes with `life`: those of its request, also where it is detached.
    func flow(_ life: RequestLife?) -> Int {
        if let life = life ?? request?.currentLife { return Int(bitPattern: ObjectIdentifier(life)) }
        return request.map { Int(bitPattern: ObjectIdentifier($0)) } ?? 0
    }

    @inlinable
    func bind<Result, Failure: Error>(_ operation: () throws(Failure) -> Result) throws(Failure) -> Result {
        // `withValue` rethrows untyped; the outcome is carried out of it as a value to keep the error's type.
        try Self.local
            .withValue(self) { () -> Swift.Result<Result, Failure> in
                Swift.Result(catching: operation)
            }
            .get()
    }

    @inlinable
    func bind<Result, Failure: Error>(
        _ operation: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await Self.local
            .withValue(self) { () async -> Swift.Result<Result, Failure> in
                do throws(Failure) {
                    return .success(try await operation())
                } catch {
                    return .failure(error)
                }
            }
            .get()
    }

    /// Where nothing is thrown the result needs no wrapping, and a request one frame less.
    @inlinable
    func bind<Result>(_ operation: () async -> Result) async -> Result {
        await Self.local.withValue(self, operation: operation)
    }
}
