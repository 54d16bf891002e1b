import ContextPoolTesting
import Dispatch
import Foundation
import Synchronization
import Testing

@testable import ContextPool

/// The laws as a function: who keeps them is not reported, and who breaks one is reported for that one.
@Suite("The laws for others", .timeLimit(.minutes(1)))
struct ContextLawsTests {
    @TaskLocal static var tenant = "none"

    @Test("our own propagators keep the laws")
    func ownPropagators() throws {
        let breaches = try ContextLaws.check(.taskLocal(Self.$tenant, name: "tenant"), "acme", "umbrella") {
            Self.tenant
        } whileSet: { value, operation in
            try Self.$tenant.withValue(value, operation: operation)
        }
        #expect(breaches == [])
    }

    @Test("a propagator that breaks a law is reported for it, and for no other", arguments: BrokenPropagator.allCases)
    func brokenPropagators(_ broken: BrokenPropagator) throws {
        let library = Library()
        let breaches = try ContextLaws.check(broken.make(library), "acme", "umbrella") {
            library.value
        } whileSet: { value, operation in
            try library.with(value, operation)
        }
        #expect(breaches.map(\.law) == broken.law.map { [$0] } ?? [], "\(breaches)")
        for breach in breaches { #expect(breach.description.hasPrefix("Law \(breach.law): ")) }
    }

    @Test("our own pool keeps the laws as an executor", arguments: [1, 2])
    func ownPool(workers: Int) async throws {
        let pool = try ContextPool(workers: workers)
        let breaches = await ContextLaws.check(workers: workers, laws: Set(1...11)) { body, ended in
            let future = try pool.submit { try body() }
            future.whenComplete { ended($0) }
            return { future.cancel() }
        }
        #expect(breaches == [])
        #expect(await pool.shutDown(within: .seconds(5)).unfinished == 0)
    }

    @Test("an executor that breaks a law is reported for it, and for no other", arguments: BrokenExecutor.allCases)
    func brokenExecutors(_ broken: BrokenExecutor) async {
        let breaches = await ContextLaws.check(laws: Set(1...11), patience: .seconds(2), broken.make())
        #expect(breaches.map(\.law) == broken.law.map { [$0] } ?? [], "\(breaches)")
        for breach in breaches { #expect(breach.description.hasPrefix("Law \(breach.law): ")) }
    }

    @Test("an executor that refuses everything is reported for everything that was asked")
    func refusals() async {
        let breaches = await ContextLaws.check(laws: [1, 4, 9]) { _, _ in throw Broken() }
        #expect(breaches.map(\.law) == [1, 4, 9])
    }
}

/// A library in C, as it were: a value for each thread, and a bad propagator may put it where it does not belong.
final class Library: Sendable {
    private struct State {
        /// What was set last, on whichever thread.
        var latest: String?
        var everywhere: String?
        var cell: String?
    }

    private let state = Mutex(State())

    var value: String { state.withLock { $0.everywhere } ?? own ?? "none" }
    var latest: String { state.withLock { $0.latest ?? "none" } }
    var cell: String {
        get { state.withLock { $0.cell ?? "none" } }
        set { state.withLock { $0.cell = newValue } }
    }

    /// The calling thread's; it goes with its thread.
    private var own: String? {
        get { Thread.current.threadDictionary["library"] as? String }
        set { Thread.current.threadDictionary["library"] = newValue }
    }

    func set(_ value: String?) { own = value }

    func with(_ value: String, _ operation: () throws -> Void) throws {
        let old = (own, latest: state.withLock { $0.latest })
        own = value
        state.withLock { $0.latest = value }
        defer {
            own = old.0
            state.withLock { $0.latest = old.latest }
        }
        try operation()
    }

    func without(_ operation: () throws -> Void) throws {
        let old = own
        own = nil
        defer { own = old }
        try operation()
    }

    func withEverywhere(_ value: String, _ operation: () throws -> Void) throws {
        let old = state.withLock { state in
            defer { state.everywhere = value }
            return state.everywhere
        }
        defer { state.withLock { $0.everywhere = old } }
        try operation()
    }
}

enum BrokenPropagator: CaseIterable {
    case none, readsLate, sharesOneCell, appliesEverywhere, carriesNothing, forgetsJobsOfJobs, doesNotRestore
    case doesNotRestoreAfterErrors, isBlind, swallows, runsTwice, hidesNothing, hidesForGood

    var law: Int? {
        switch self {
        case .none: nil
        case .readsLate: 1
        case .sharesOneCell: 2
        case .appliesEverywhere: 3
        case .carriesNothing, .hidesNothing, .hidesForGood: 4
        case .forgetsJobsOfJobs: 5
        case .doesNotRestore, .doesNotRestoreAfterErrors, .isBlind: 6
        case .swallows, .runsTwice: 9
        }
    }

    func make(_ library: Library) -> ContextPropagator {
        let seesNothing: @Sendable () -> Bool = { true }
        let clear: ContextPropagator.Scope = { operation in
            switch self {
            case .hidesNothing: try operation()
            case .hidesForGood:
                library.set(nil)
                try operation()
            default: try library.without(operation)
            }
        }
        return ContextPropagator(name: "library", isClear: self == .isBlind ? seesNothing : nil, clear: clear) {
            let value = library.value
            if self == .carriesNothing || self == .forgetsJobsOfJobs && CurrentJob.info != nil { return nil }
            if self == .sharesOneCell { library.cell = value }
            return { operation in
                switch self {
                case .readsLate: try library.with(library.latest, operation)
                case .sharesOneCell: try library.with(library.cell, operation)
                case .appliesEverywhere: try library.withEverywhere(value, operation)
                case .doesNotRestore:
                    library.set(value)
                    try operation()
                case .doesNotRestoreAfterErrors:
                    library.set(value)
                    try operation()
                    library.set(nil)
                case .swallows: try library.with(value) { try? operation() }
                case .runsTwice:
                    try library.with(value) {
                        try? operation()
                        try operation()
                    }
                default: try library.with(value, operation)
                }
            }
        }
    }
}

enum BrokenExecutor: CaseIterable {
    case none, capturesLate, sharesTheContext, writesBack, carriesTheAppOnly, forgetsJobsOfJobs, endsInside
    case forgetsEndedRequests, tearsDown, swallows, cancelsInVain, ignoresTheRequest

    var law: Int? {
        switch self {
        case .none: nil
        case .capturesLate: 1
        case .sharesTheContext: 2
        case .writesBack: 3
        case .carriesTheAppOnly: 4
        case .forgetsJobsOfJobs: 5
        case .endsInside: 6
        case .forgetsEndedRequests: 7
        case .tearsDown: 8
        case .swallows: 9
        case .cancelsInVain: 10
        case .ignoresTheRequest: 11
        }
    }

    /// An executor on a serial dispatch queue, which does one thing wrong.
    func make() -> ContextLaws.Submit {
        let queue = DispatchQueue(label: "executor")
        let isInside = DispatchSpecificKey<Bool>()
        queue.setSpecific(key: isInside, value: true)
        let kept = SharedContexts()
        return { body, ended in
            let (request, snapshot) = (RequestContext.current, ContextSnapshot.capture())
            let (stage, isTornDown) = (OneStage(), OneStage())
            let isNested = DispatchQueue.getSpecific(key: isInside) == true
            // The context of a job ends with the job, which is no end of a request.
            if !isNested { request?.onTeardown { _ in _ = isTornDown.claim() } }
            let shared = self == .sharesTheContext ? request.flatMap { kept.copy(of: $0, snapshot) } : nil
            let run: @Sendable () throws -> Void = {
                switch self {
                case .capturesLate:
                    guard let request else { return try snapshot.run(body) }
                    try RequestContext.withCurrent(request) { ContextSnapshot.capture() }.run(body)
                case .sharesTheContext:
                    guard let shared else { return try snapshot.run(body) }
                    try RequestContext.withCurrent(shared, body)
                case .writesBack:
                    try snapshot.run {
                        defer { if let request, let own = RequestContext.current { request.g = own.g } }
                        try body()
                    }
                case .carriesTheAppOnly:
                    guard let request else { return try body() }
                    try AppContext.withCurrent(request.app, body)
                case .forgetsJobsOfJobs where isNested: try body()
                case .forgetsEndedRequests where isTornDown.isClaimed: try body()
                default: try snapshot.run(body)
                }
            }
            let cancel: @Sendable (any Error) -> Bool = { error in
                if self == .cancelsInVain { return true }
                guard stage.claim() else { return false }
                ended(.failure(error))
                return true
            }
            if self != .ignoresTheRequest, self != .cancelsInVain {
                request?.onCancel { _ = cancel(CancellationError()) }
            }
            if self == .cancelsInVain {
                request?.onCancel { if stage.claim() { ended(.failure(CancellationError())) } }
            }
            queue.async {
                guard stage.claim() else { return }
                if self == .endsInside {
                    do {
                        try snapshot.run {
                            let result = Result { try body() }
                            ended(result)
                        }
                    } catch { ended(.failure(error)) }
                    return
                }
                let result = Result { try run() }
                if self == .tearsDown { request?.tearDown() }
                ended(self == .swallows ? .success(()) : result)
            }
            return { cancel(CancellationError()) }
        }
    }
}

/// Something that one of several may do.
private final class OneStage: Sendable {
    private let claimed = Atomic<Bool>(false)

    var isClaimed: Bool { claimed.load(ordering: .acquiring) }

    func claim() -> Bool { !claimed.exchange(true, ordering: .acquiringAndReleasing) }
}

/// One copy for each request, where each job should have its own.
private final class SharedContexts: Sendable {
    private let kept = Mutex<[ObjectIdentifier: (request: RequestContext, copy: RequestContext)]>([:])

    func copy(of request: RequestContext, _ snapshot: ContextSnapshot) -> RequestContext? {
        kept.withLock { kept in
            if let known = kept[ObjectIdentifier(request)] { return known.copy }
            guard let copy = try? snapshot.run({ RequestContext.current }) else { return nil }
            kept[ObjectIdentifier(request)] = (request, copy)
            return copy
        }
    }
}
