import Glibc

extension PlatformThread {
    /// `SCHED_BATCH` of Linux, a GNU extension that Swift's Glibc module leaves out.
    package static let batchPolicy: Int32 = 3

    /// Has the calling thread wait for its turn where it is woken on a processor that is busy.
    ///
    /// A worker that is woken would interrupt the loop that has just submitted the job, as a rule in the middle of its next
    /// request, and be interrupted by the loop in turn: two switches for each job. Under `SCHED_BATCH` it begins when the loop
    /// has nothing more to do, or its slice of time is up, and finds several jobs. On an idle processor it begins at once, and
    /// its share of a busy one is the same. `docs/decisions/024` has the figures, and what was rejected.
    ///
    /// A thread that has another policy than the ordinary one keeps it, since somebody has chosen that. Where the system
    /// refuses, the thread stays as it is.
    static func waitForItsTurn() {
        guard sched_getscheduler(0) == SCHED_OTHER else { return }
        var parameters = sched_param()
        // Zero is the calling thread, and not the process.
        _ = unsafe sched_setscheduler(0, batchPolicy, &parameters)
    }

    /// Takes back what ``waitForItsTurn()`` has done, where the calling thread has inherited it.
    ///
    /// Linux gives a new thread the policy of the one that makes it, and a worker makes threads that nobody sees: those of Swift's
    /// executor, when it resumes a task there, on which then a server may be started.
    static func leaveInheritedTurns() {
        // A whole process may have been put under this policy, and its first thread tells.
        guard sched_getscheduler(0) == batchPolicy, sched_getscheduler(getpid()) == SCHED_OTHER else { return }
        var parameters = sched_param()
        _ = unsafe sched_setscheduler(0, SCHED_OTHER, &parameters)
    }
}
