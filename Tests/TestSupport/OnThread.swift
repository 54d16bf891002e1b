import Foundation

/// Runs `body` on a thread of its own, where it may block: the two threads of Swift's pool are the tests' own.
///
/// - Parameter body: What to run.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws.
public func onThread<Value: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () throws(Failure) -> Value
) async throws(Failure) -> Value {
    let result = await withCheckedContinuation { continuation in
        Thread { continuation.resume(returning: Result(catching: body)) }.start()
    }
    return try result.get()
}
