extension ContextPoolError.Code {
    /// A choice between futures was asked for, and there were none.
    public static let noFutures = ContextPoolError.Code(description: "noFutures")
}

extension ContextPoolError {
    /// A wait was given up; without a limit that only happens where the pool is stepped by hand.
    static func neverCompleted(within timeout: Duration?) -> ContextPoolError {
        timeout == nil
            ? .wouldDeadlock("nothing is left to run that could complete it") : .timedOut(after: timeout)
    }

    static let noFutures = ContextPoolError(
        code: .noFutures,
        description: """
            There is nothing to choose from: the list of futures is empty, so none of them can ever complete. Ask \
            whether it is empty before Future.first or Future.race.
            """
    )

    static func circularFlatMap(_ site: SourceSite) -> ContextPoolError {
        ContextPoolError(
            code: .wouldDeadlock,
            description: """
                The flatMap at \(site) would never be complete: the future that its closure has returned waits for it, directly \
                or over others. Return one that does not follow from the flatMap itself.
                """
        )
    }

    static let circularChoice = ContextPoolError(
        code: .wouldDeadlock,
        description: """
            Of the futures that were to choose from only those are left that wait for the choice itself, directly or over others. \
            Take them out of the list.
            """
    )

    static func requestCancelledWhileWaiting(_ site: SourceSite) -> ContextPoolError {
        ContextPoolError(
            code: .requestCancelled,
            description: """
                The request that the future of \(site) belongs to was cancelled: its client has left, or its time is up. So what \
                that waits for is not waited for any more; it is left alone. Where its outcome is wanted all the same, follow \
                the future of a job that was submitted with pool.submit(.detached) { }.
                """
        )
    }

    static func deadlinePassedWhileWaiting(_ site: SourceSite) -> ContextPoolError {
        ContextPoolError(
            code: .deadlinePassed,
            description: """
                The time that the line \(site) or its request was given is up, and what its future waits for is not complete. That \
                is left alone. Give it more with submit(within:), or follow the future of a job that was submitted with \
                pool.submit(.detached) { }.
                """
        )
    }

    static func unfinished(_ count: Int, of total: Int, after timeout: Duration) -> ContextPoolError {
        ContextPoolError(
            code: .timedOut,
            description: """
                \(count) (of \(total)) futures unfinished after \(timeout). They go on: wait for them again, or cancel() \
                those whose results are no longer of use.
                """
        )
    }

    static func itemsUnfinished(_ count: Int, of total: Int, after timeout: Duration) -> ContextPoolError {
        ContextPoolError(
            code: .timedOut,
            description: """
                \(count) (of \(total)) items of a pool.map were not done within \(timeout). Those that had not begun are \
                cancelled. Allow more time, or raise atMost or the pool's workers.
                """
        )
    }
}
