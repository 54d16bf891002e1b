import Glibc

/// What one job cost: nanoseconds on the wall, and nanoseconds of processor time of the whole process.
struct Sample {
    var wall: Double
    var cpu: Double
}

/// Adds up the time between each start and its stop, so that what is not measured can go on in between.
struct Stopwatch {
    // The monotonic clock: on Linux, `ContinuousClock` counts the time in which the machine slept as well.
    private let clock = SuspendingClock()
    private var startedAt: SuspendingClock.Instant
    private var startedAtCPU: clock_t
    private var wall = Duration.zero
    private var cpu = 0

    init() {
        startedAt = clock.now
        startedAtCPU = Glibc.clock()
    }

    mutating func start() {
        startedAtCPU = Glibc.clock()
        startedAt = clock.now
    }

    mutating func stop() {
        wall += clock.now - startedAt
        cpu += Glibc.clock() - startedAtCPU
    }

    func sample(jobs: Int) -> Sample {
        // POSIX has `clock` count microseconds, whatever its resolution.
        Sample(wall: wall / .nanoseconds(1) / Double(jobs), cpu: Double(cpu) * 1000 / Double(jobs))
    }
}
