import Synchronization

/// Who goes next, wherever more than one could: what makes one interleaving differ from another.
///
/// The same schedule makes the same interleaving of the same program. One comes from a seed, for a walk at random; or from a
/// list of choices, for one interleaving exactly; or from ``all(atMost:_:)``, for one after the other.
///
/// It may be used from any thread.
public final class Schedule: Sendable, CustomStringConvertible {
    private struct State {
        var generator: UInt64?
        var given: [Int]
        var taken: [(choice: Int, count: Int)] = []
        var steps: [String] = []
    }

    private let origin: String
    private let state: Mutex<State>

    /// Creates a schedule that chooses at random.
    ///
    /// - Parameter seed: Which one of them.
    public init(seed: UInt64) {
        origin = "seed \(seed)"
        state = Mutex(State(generator: seed, given: []))
    }

    /// Creates a schedule that chooses as another one did.
    ///
    /// - Parameter choices: The ``choices`` of that one. Where they are at an end, or do not fit, the first possibility is taken.
    public init(choices: [Int]) {
        origin = "choices \(choices)"
        state = Mutex(State(generator: nil, given: choices))
    }

    /// What was chosen so far; where there was no choice nothing is noted.
    public var choices: [Int] { state.withLock { $0.taken.map(\.choice) } }

    /// What has happened so far, in order: `worker 1: takes job 1, submitted at Shop/Report.swift:12`.
    public var steps: [String] { state.withLock { $0.steps } }

    /// Where it comes from, and what has happened: for the message of a failed expectation.
    public var description: String { "\(origin):\n" + steps.map { "  \($0)\n" }.joined() }

    func choose(among count: Int) -> Int {
        guard count > 1 else { return 0 }
        return state.withLock { state in
            let choice: Int
            if let seed = state.generator {
                let (next, number) = Self.random(seed)
                state.generator = next
                choice = Int(number % UInt64(count))
            } else {
                let given = state.taken.count < state.given.count ? state.given[state.taken.count] : 0
                choice = (0..<count).contains(given) ? given : 0
            }
            state.taken.append((choice, count))
            return choice
        }
    }

    func note(_ step: String) { state.withLock { $0.steps.append(step) } }

    /// The choices of the interleaving that comes next in the order of all of them; `nil` after the last.
    private var nextChoices: [Int]? {
        var taken = state.withLock { $0.taken }
        while let last = taken.popLast() {
            if last.choice + 1 < last.count { return taken.map(\.choice) + [last.choice + 1] }
        }
        return nil
    }

    /// SplitMix64, whose numbers are the same everywhere.
    private static func random(_ seed: UInt64) -> (next: UInt64, number: UInt64) {
        let next = seed &+ 0x9E37_79B9_7F4A_7C15
        var z = next
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return (next, z ^ (z >> 31))
    }
}

extension Schedule {
    /// Runs `program` once for each interleaving there is, for programs so small that these can be counted.
    ///
    /// - Parameters:
    ///   - limit: How many are too many.
    ///   - program: Makes a ``DeterministicPool`` with the schedule it receives, and must do the same each time otherwise.
    /// - Returns: How many there are.
    /// - Throws: ``DeterministicPoolError`` with the code `programFailed` for the first one in which `program` throws;
    ///   `tooManyInterleavings` where there are more than `limit`.
    @discardableResult
    public static func all(
        atMost limit: Int = 10_000,
        _ program: (Schedule) throws -> Void
    ) throws(DeterministicPoolError) -> Int {
        var count = 0
        var next: [Int]? = []
        while let choices = next {
            guard count < limit else { throw .tooManyInterleavings(limit) }
            let schedule = Schedule(choices: choices)
            try schedule.run(program)
            count += 1
            next = schedule.nextChoices
        }
        return count
    }

    /// Runs `program` once for each seed, for programs with more interleavings than one could wait for.
    ///
    /// - Parameters:
    ///   - seeds: The seeds.
    ///   - program: Makes a ``DeterministicPool`` with the schedule it receives.
    /// - Throws: ``DeterministicPoolError`` with the code `programFailed` for the first one in which `program` throws.
    public static func seeds(
        _ seeds: some Sequence<UInt64>,
        _ program: (Schedule) throws -> Void
    ) throws(DeterministicPoolError) {
        for seed in seeds { try Schedule(seed: seed).run(program) }
    }

    private func run(_ program: (Schedule) throws -> Void) throws(DeterministicPoolError) {
        do { try program(self) } catch { throw .programFailed(self, error) }
    }
}
