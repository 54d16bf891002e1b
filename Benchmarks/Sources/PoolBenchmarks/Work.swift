import Synchronization

/// Work for the processor that no compiler can foresee: steps of a random number generator.
enum Work {
    /// About a microsecond of steps on a processor of three gigahertz.
    static let microsecond = 600

    @inline(never)
    static func run(_ item: Int, _ steps: Int) -> UInt64 {
        var state = UInt64(item) | 1
        for _ in 0..<steps {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
        }
        return state
    }

    static func all(_ items: Int, _ steps: Int) -> UInt64 {
        var sum: UInt64 = 0
        for item in 0..<items { sum &+= run(item, steps) }
        return sum
    }
}

/// A sum to which many threads add.
final class Sum: Sendable {
    private let total = Atomic<UInt64>(0)

    var value: UInt64 { total.load(ordering: .relaxed) }

    func add(_ number: UInt64) { total.wrappingAdd(number, ordering: .relaxed) }
}
