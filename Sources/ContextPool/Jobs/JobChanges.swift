extension KeptJob {
    /// The status now, and each time that it has changed, until it is final.
    ///
    /// ```swift
    /// for await status in job.changes() { print(status.progress.fraction) }
    /// ```
    ///
    /// Whoever is slow gets the latest status and misses those between: nothing piles up, however often the job reports
    /// and however many follow. The sequence ends after the final status, or when the task is cancelled.
    ///
    /// - Parameter version: The ``JobStatus/version`` of the status that is known already, such as the `Last-Event-ID` of a
    ///   browser that comes back: it is not yielded once more.
    /// - Returns: The sequence; it may be iterated several times.
    public func changes(after version: Int? = nil) -> JobChanges { JobChanges(job: self, version: version) }
}

/// The statuses of a job, each as it comes; see ``KeptJob/changes(after:)``.
public struct JobChanges: AsyncSequence, Sendable {
    fileprivate let job: KeptJob
    fileprivate let version: Int?

    /// Begins with the status of this moment.
    ///
    /// - Returns: The iterator.
    public func makeAsyncIterator() -> Iterator { Iterator(job: job, version: version) }

    /// Yields the statuses.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        fileprivate let job: KeptJob
        fileprivate var version: Int?

        /// Suspends until the status is another one than the last.
        ///
        /// - Returns: The status; `nil` after the final one, or where the task was cancelled.
        public mutating func next() async -> JobStatus? {
            while !Task.isCancelled {
                let status = job.status
                guard status.version == version else {
                    version = status.version
                    return status
                }
                if status.isFinal { return nil }
                await job.change(after: status.version)
            }
            return nil
        }
    }
}
