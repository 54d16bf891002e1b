/// Whether something that no gate can tell becomes true within 20 seconds.
///
/// - Parameter condition: What becomes true.
/// - Returns: Whether it did.
public func isSoon(_ condition: () async -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end {
        if await condition() { return true }
        await Task.yield()
    }
    return false
}
