/// Suspends until the calling task is cancelled: what stands for a handler that would work for ever.
public func untilCancelled() async {
    // A stream that nobody feeds ends with the task that reads it, and with nothing else.
    let stream = AsyncStream<Never> { _ in }
    for await _ in stream {}
}
