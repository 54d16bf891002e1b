import Synchronization

@testable import ContextPool

/// A job without a body that keeps count of what the queue does to it.
final class TestJob: Job {
    let number: Int
    let queue: JobQueue
    let submission: Submission
    let refusals = Record<ContextPoolError.Code>()
    private let placeInLane = Atomic<Int>(-1)

    init(_ number: Int, _ queue: JobQueue, priority: JobPriority = .normal, flow: Int = 0) {
        self.number = number
        self.queue = queue
        submission = Submission(
            number: UInt64(number),
            name: nil,
            site: SourceSite(),
            priority: priority,
            flow: flow,
            deadline: nil,
            submittedAt: .zero
        )
    }

    var place: Int {
        get { placeInLane.load(ordering: .relaxed) }
        set { placeInLane.store(newValue, ordering: .relaxed) }
    }

    var life: RequestLife? { nil }
    var values: ContextValues { ContextValues() }
    var isFinished: Bool { !refusals.elements.isEmpty }
    var isFlagged: Bool { false }

    func run() -> Bool { true }

    func refuse(_ error: any Error) -> Bool {
        guard let error = error as? ContextPoolError else { return false }
        refusals.append(error.code)
        leaveQueue()
        queue.neverRan(self, error)
        return true
    }

    func leaveQueue() { queue.remove(self) }

    func ended() {}

    func flag() {}

    func abandon(_ error: ContextPoolError) {}
}
