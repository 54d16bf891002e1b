extension Future {
    /// Runs `callback` when the future completes, or at once, on the calling thread, where it already has.
    ///
    /// It runs after the job's context was cleared and with the context of the line that added it, as captured here: the part
    /// that the pool selects. It runs on the thread that completes the future: a worker, or whoever cancels. Keep it short; what takes long or
    /// blocks is a step, such as ``map(file:line:_:)``.
    ///
    /// All callbacks run, in the order in which they were added, though one throws. What one throws is reported to the
    /// pool; it changes neither the outcome nor what others see of it.
    ///
    /// - Parameters:
    ///   - file: Where it is added; leave it to the compiler.
    ///   - line: Where it is added; leave it to the compiler.
    ///   - callback: Receives the outcome.
    public func whenComplete(
        file: String = #fileID,
        line: Int = #line,
        _ callback: @escaping @Sendable (Result<Value, any Error>) throws -> Void
    ) {
        let site = SourceSite(file: file, line: line)
        let snapshot = ContextSnapshot(
            of: .current,
            propagators: home.propagators,
            selection: home.selection,
            site: site,
            isForAnyThread: true
        )
        observe { [home] outcome in
            func report(_ error: any Error) {
                guard let hear = home.onCallbackError else { return }
                ContextScope.none.bind { hear(home.queue.info(ofCallbackAt: site, snapshot.values), error) }
            }
            // A broken propagator may throw here, before the callback or after it. The outcome is delivered once all the
            // same, where need be without its context.
            var isDelivered = false
            let deliver = {
                isDelivered = true
                try callback(outcome)
            }
            do {
                try snapshot.run(deliver)
            } catch {
                report(error)
                guard !isDelivered else { return }
                do { try ContextScope.none.bind(deliver) } catch { report(error) }
            }
        }
    }
}
