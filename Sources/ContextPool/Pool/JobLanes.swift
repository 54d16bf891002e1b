/// The jobs that wait: a lane for each priority, and who goes next.
struct JobLanes {
    /// Lowest first, as ``JobPriority`` counts.
    ///
    /// In place, and not in an array, which each of its many uses would ask whether it is shared.
    private var lanes: InlineArray<3, FairLane> = [FairLane(), FairLane(), FairLane()]

    /// How often each lane had to stand back since it last went.
    private var stoodBack: InlineArray<3, Int> = [0, 0, 0]

    /// How often in a row a lane stands back for the ones above.
    static let patience = [JobPriority.low: 16, .normal: 4]

    private static let patienceByLane: InlineArray<3, Int> = [patience[.low] ?? .max, patience[.normal] ?? .max, .max]

    var count: Int { lanes[0].count + lanes[1].count + lanes[2].count }

    mutating func append(_ job: any Job) { lanes[job.priority.rawValue].append(job) }

    /// The next job: of the highest lane, unless a lower one has stood back often enough.
    mutating func popFirst() -> (any Job)? {
        var next: Int?
        for lane in lanes.indices where lanes[lane].count > 0 {
            // The lowest whose patience is at an end, or else the highest.
            if stoodBack[lane] >= Self.patienceByLane[lane] {
                next = lane
                break
            }
            next = lane
        }
        guard let next else { return nil }
        for lane in lanes.indices where lane != next && lanes[lane].count > 0 { stoodBack[lane] += 1 }
        stoodBack[next] = 0
        return lanes[next].popFirst()
    }

    /// Takes a job out; `false` where it does not wait here.
    mutating func remove(_ job: any Job) -> Bool { lanes[job.priority.rawValue].remove(job) }

    /// Takes out every job that fits.
    mutating func removeAll(where fits: (any Job) -> Bool = { _ in true }) -> [any Job] {
        var removed: [any Job] = []
        for lane in lanes.indices where lanes[lane].count > 0 { removed += lanes[lane].removeAll(where: fits) }
        return removed
    }

    /// The job that a new one of this priority may push out: the oldest of the lowest lane that has any.
    func oldest(for priority: JobPriority) -> (any Job)? {
        for lane in lanes.indices where lane <= priority.rawValue {
            if let job = lanes[lane].oldest { return job }
        }
        return nil
    }
}
