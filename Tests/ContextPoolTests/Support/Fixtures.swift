import Glibc
import Synchronization
import TestSupport
import Testing

@testable import ContextPool

private enum UserKey: ContextKey {
    static let name = "user"
    static let defaultValue = "nobody"
}

private enum CountKey: ContextKey {
    static let name = "count"
    static let defaultValue = 0
}

private enum SecretKey: ContextKey {
    static let name = "secret"
    static let defaultValue: String? = nil
    static let travel = ContextTravel.cleared
}

private enum MortalKey: ContextKey {
    static let name = "mortal"
    static let defaultValue: Mortal? = nil
}

extension ContextValues {
    var user: String {
        get { self[UserKey.self] }
        set { self[UserKey.self] = newValue }
    }

    var count: Int {
        get { self[CountKey.self] }
        set { self[CountKey.self] = newValue }
    }

    var secret: String? {
        get { self[SecretKey.self] }
        set { self[SecretKey.self] = newValue }
    }

    var mortal: Mortal? {
        get { self[MortalKey.self] }
        set { self[MortalKey.self] = newValue }
    }
}

/// Task-locals as another library would have them.
enum Ambient {
    @TaskLocal static var tenant = "no tenant"
    @TaskLocal static var trace = "no trace"
}

struct Broken: Error, Equatable {
    var reason = "broken"
}

/// The two ways through `submit`; a law holds on both.
enum Lane: CaseIterable, CustomTestStringConvertible {
    case closure
    case async

    var testDescription: String { self == .closure ? "closure" : "async closure" }

    @discardableResult
    func submit<Value: Sendable>(
        to pool: ContextPool,
        _ body: @escaping @Sendable () throws -> Value
    ) throws(ContextPoolError) -> Future<Value> {
        switch self {
        case .closure: try pool.submit { try body() }
        case .async:
            try pool.submit { () async throws -> Value in
                // A real suspension, so that the second half comes back through the queue.
                await Task.yield()
                return try body()
            }
        }
    }
}

extension RequestContext {
    /// A request of its own application, for one user.
    static func make(pool: ContextPool, user: String = "ann") -> RequestContext {
        var values = ContextValues()
        values.user = user
        return RequestContext(app: AppContext(name: "test", pool: pool), values: values)
    }
}

/// What was seen, in order, from any thread.
final class Record<Element: Sendable>: Sendable {
    private let storage = Mutex<[Element]>([])

    var elements: [Element] { storage.withLock { $0 } }

    func append(_ element: Element) { storage.withLock { $0.append(element) } }
}

/// A job that occupies a worker until the test lets it go.
struct Plug {
    let release = Gate()
    let future: Future<Void>

    /// Returns when the job is running, so that what is submitted next waits behind it.
    init(_ pool: ContextPool, _ lane: Lane = .closure) async throws {
        let started = Gate()
        let release = self.release
        future = try lane.submit(to: pool) {
            started.open()
            release.wait()
        }
        await started.opened()
    }
}

/// Ends the calling thread underneath whatever runs on it.
func exitThread() -> Never { pthread_exit(nil) }

/// What `top -H` would call the calling thread.
func currentThreadName() -> String {
    let file = unsafe open("/proc/thread-self/comm", O_RDONLY)
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 32)
    let count = unsafe read(file, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count - 1)), as: UTF8.self)
}

/// The kernel's number of the calling thread.
func currentThreadID() -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    let count = unsafe readlink("/proc/thread-self", &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// A reference that keeps nothing alive.
final class Weak<Object: AnyObject & Sendable>: Sendable {
    weak let object: Object?

    init(_ object: Object) { self.object = object }
}
