/// Whether something that no gate can tell becomes true within 50 seconds.
///
/// - Parameter condition: What becomes true.
/// - Returns: Whether it did.
public func isSoon(_ condition: () async -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(50)
    while ContinuousClock.now < end {
        if await condition() { return true }
        await Task.yield()
    }
    return false
}
