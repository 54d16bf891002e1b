import ContextPool
import Synchronization
import Testing

/// What was seen, in order, from any thread.
final class Record<Element: Sendable>: Sendable {
    private let storage = Mutex<[Element]>([])

    var elements: [Element] { storage.withLock { $0 } }

    func append(_ element: Element) { storage.withLock { $0.append(element) } }
}

/// The two ways through `submit`; every interleaving is tried on both.
enum Lane: CaseIterable, CustomTestStringConvertible {
    case closure
    case async

    var testDescription: String { self == .closure ? "closure" : "async closure" }

    @discardableResult
    func submit<Value: Sendable>(
        to pool: ContextPool,
        _ lifetime: JobLifetime = .withRequest,
        within limit: Duration? = nil,
        _ body: @escaping @Sendable () throws -> Value
    ) throws(ContextPoolError) -> Future<Value> {
        switch self {
        case .closure: try pool.submit(lifetime, within: limit) { try body() }
        case .async:
            try pool.submit(lifetime, within: limit) { () async throws -> Value in
                await Task.yield()
                return try body()
            }
        }
    }
}

enum UserKey: ContextKey {
    static let name = "user"
    static let defaultValue = "nobody"
}

extension ContextValues {
    var user: String {
        get { self[UserKey.self] }
        set { self[UserKey.self] = newValue }
    }
}

extension RequestContext {
    static func make(_ pool: ContextPool, user: String = "ann", within limit: Duration? = nil) -> RequestContext {
        var values = ContextValues()
        values.user = user
        return RequestContext(app: AppContext(name: "test", pool: pool), values: values, within: limit)
    }
}

struct Broken: Error, Equatable {}

extension Future {
    /// How it has ended, in a word.
    var ending: String {
        let result: Result<Value, any Error>
        do { result = .success(try waitNow()) } catch { result = .failure(error) }
        switch result {
        case .success: return "value"
        case .failure(let error as ContextPoolError): return error.code.description
        case .failure(let error): return "\(type(of: error))"
        }
    }

    private func waitNow() throws -> Value {
        let look: () throws -> Value = { try self.wait(timeout: .zero) }
        return try look()
    }
}
