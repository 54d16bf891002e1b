/// What ends a future from outside that is made of others: the request that it goes with, and the deadline that it inherits.
struct StepLimits: Sendable {
    let life: RequestLife?
    let deadline: Duration?
    let site: SourceSite

    /// Those of what is added in `scope`.
    init(of scope: ContextScope, lifetime: JobLifetime, site: SourceSite) {
        life = lifetime.isDetached ? nil : scope.request?.lifeToShare()
        deadline = lifetime.isDetached ? nil : scope.deadlineForJobs
        self.site = site
    }

    /// Has `end` called with the reason, now or later, unless `future` is complete before.
    func end(_ future: any Promise, by end: @escaping @Sendable (ContextPoolError) -> Void) {
        if let life, let number = life.add({ end(.requestCancelledWhileWaiting(site)) }) {
            let forget: @Sendable () -> Void = { life.removeCallback(number) }
            if future.whenEnded(forget) == nil { forget() }
        }
        guard !future.isFinished, let limit = Duration?.earlier(deadline, life?.deadline) else { return }
        let home = future.home
        if home.queue.clock.now() >= limit { return end(.deadlinePassedWhileWaiting(site)) }
        // That of a request is kept by whoever ends the request.
        guard let deadline else { return }
        home.alarm.ring(at: deadline, unlessEnded: future) { end(.deadlinePassedWhileWaiting(site)) }
    }
}
