@testable import ContextPool

extension Future {
    /// A future that the test completes itself.
    static func promise(of type: Value.Type = Value.self, home: FutureHome = .none) -> Future<Value> {
        Future<Value>(home: home)
    }

    /// Completes a future that the test has made.
    func complete(_ result: Result<Value, any Error>) {
        _ = begin()
        finish(result)
    }
}
