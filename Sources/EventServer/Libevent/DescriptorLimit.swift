import CLibevent

/// The signal of a pipe that nobody reads any more, which ends a process that does not say otherwise.
enum BrokenPipe {
    /// Ignores it: a client or a log reader that leaves is an error of one write, and no reason to end for all the others.
    static func ignore() { baton_ignore_sigpipe() }
}

/// How many descriptors the process may have open.
enum DescriptorLimit {
    /// Raises the limit to the highest that the process may have, and returns it.
    ///
    /// The low limit that a shell hands down is for programs of the time of `select`, which could not count further.
    static func raise() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(baton_rlimit_nofile, &limit) == 0 else { return 1024 }
        let highest = min(limit.rlim_max, 1 << 20)
        if limit.rlim_cur < highest {
            var raised = limit
            raised.rlim_cur = highest
            if unsafe setrlimit(baton_rlimit_nofile, &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
