/// One way to do the work of a case.
struct Contender {
    let name: String
    /// Does the work once, and sets up and tears down off the clock.
    let measure: () throws -> Sample
}

/// A piece of work, and those who compete at it.
struct Case {
    let name: String
    var contenders: [Contender]
    /// Pairs of contenders whose difference is of interest: what the first costs beyond the second.
    var differences: [(name: String, of: String, beyond: String)] = []
}

/// What became of one contender in all rounds.
struct Outcome {
    let name: String
    var samples: [Sample] = []
    /// The first error; nothing is asked of it in later rounds.
    var failure: String?
}

/// Runs every case several times, each contender once a round, so that a slow minute of the machine hits all alike.
struct Rounds {
    let count: Int

    func run(_ work: Case) -> [Outcome] {
        var outcomes = work.contenders.map { Outcome(name: $0.name) }
        // The first round warms up caches and threads, and is not counted.
        for round in 0...count {
            for (index, contender) in work.contenders.enumerated() where outcomes[index].failure == nil {
                do {
                    let sample = try contender.measure()
                    if round > 0 { outcomes[index].samples.append(sample) }
                } catch {
                    outcomes[index].failure = "\(error)"
                }
            }
        }
        let differences = work.differences.compactMap { pair in
            difference(of: pair.of, beyond: pair.beyond, as: pair.name, in: outcomes)
        }
        return outcomes + differences
    }

    /// Round by round: both were measured within the same seconds.
    private func difference(of one: String, beyond other: String, as name: String, in outcomes: [Outcome]) -> Outcome? {
        guard
            let one = outcomes.first(where: { $0.name == one }),
            let other = outcomes.first(where: { $0.name == other })
        else { return nil }
        let samples = zip(one.samples, other.samples).map { Sample(wall: $0.wall - $1.wall, cpu: $0.cpu - $1.cpu) }
        return Outcome(name: name, samples: samples)
    }
}
