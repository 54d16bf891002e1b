/// The server was told a second time to stop, and did not wait for what was running.
public struct ForcedStop: Error, Sendable, CustomStringConvertible {
    /// What that means, in a sentence.
    public var description: String {
        "Stopped at once, at a second signal: requests and jobs that were running have been cut off."
    }
}
