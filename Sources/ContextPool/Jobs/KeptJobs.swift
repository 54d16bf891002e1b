import Synchronization

/// The jobs of a pool that can be found by their ids: those that have not ended, and for a time those that have.
///
/// The ended ones are bounded in number, too; of too many, the one whose time is up first goes. The others are bounded by the
/// pool. An alarm of the pool drops what has had its time; nothing here keeps the pool.
final class KeptJobs: Sendable {
    private struct Place {
        let job: KeptJob
        /// When it goes, and the call that will see to it; `nil` until it has ended.
        var end: (time: Duration, ticket: DeadlineAlarm.Ticket)?
    }

    private struct State {
        var places: [JobID: Place] = [:]
        var ended = 0
    }

    private let limit: Int
    private let clock: PoolClock
    private let alarm: DeadlineAlarm
    private let state = Mutex(State())

    init(limit: Int, clock: PoolClock, alarm: DeadlineAlarm) {
        self.limit = limit
        self.clock = clock
        self.alarm = alarm
    }

    deinit {
        for place in state.withLock({ $0.places }).values { if let end = place.end { alarm.cancel(end.ticket) } }
    }

    /// How many jobs can be found.
    var count: Int { state.withLock { $0.places.count } }

    func keep(_ job: KeptJob) { state.withLock { $0.places[job.id] = Place(job: job) } }

    /// The job of this id; `nil` for one that there is not, or not any more.
    func find(_ id: JobID) -> KeptJob? {
        guard let place = state.withLock({ $0.places[id] }) else { return nil }
        // The alarm may come a little late.
        if let end = place.end, clock.now() >= end.time { return nil }
        return place.job
    }

    /// A job has ended, from which moment on its time counts.
    func ended(_ job: KeptJob) {
        let time = clock.now() + job.time
        let ticket = alarm.ring(at: time) { [weak self, id = job.id] in self?.drop(id) }
        let (isForgotten, surplus) = state.withLock { state -> (Bool, Place?) in
            guard state.places[job.id] != nil else { return (true, nil) }
            state.places[job.id]?.end = (time, ticket)
            state.ended += 1
            guard state.ended > limit else { return (false, nil) }
            state.ended -= 1
            let first = state.places.min { ($0.value.end?.time ?? .ages) < ($1.value.end?.time ?? .ages) }
            return (false, first.flatMap { state.places.removeValue(forKey: $0.key) })
        }
        if isForgotten { alarm.cancel(ticket) }
        if let end = surplus?.end { alarm.cancel(end.ticket) }
    }

    /// Forgets a job.
    func drop(_ id: JobID) {
        // With it its result dies, outside of the lock.
        _ = state.withLock { state in
            let place = state.places.removeValue(forKey: id)
            if place?.end != nil { state.ended -= 1 }
            return place
        }
    }
}

extension Duration {
    /// More than any clock shows.
    fileprivate static let ages = Duration.seconds(Int64.max)
}
