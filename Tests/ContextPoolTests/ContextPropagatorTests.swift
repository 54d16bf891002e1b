import TestSupport
import Testing

@testable import ContextPool

@Suite("ContextPropagator", .timeLimit(.minutes(1)))
struct ContextPropagatorTests {
    @Test("a registered task-local follows a closure, one that is not registered does not")
    func registeredTaskLocalsFollow() async throws {
        let pool = try ContextPool(workers: 1, propagators: [.taskLocal(Ambient.$tenant, name: "tenant")])
        let future = try Ambient.$tenant.withValue("acme") {
            try Ambient.$trace.withValue("t-1") { try pool.submit { "\(Ambient.tenant), \(Ambient.trace)" } }
        }
        #expect(try await future.boundedValue == "acme, no trace")
    }

    @Test("the value is that of submit, not that of the registration nor of the start")
    func valueIsThatOfSubmit() async throws {
        let pool = try Ambient.$tenant.withValue("registration") {
            try ContextPool(workers: 1, propagators: [.taskLocal(Ambient.$tenant, name: "tenant")])
        }
        let plug = try await Plug(pool)
        let futures = try ["a", "b"]
            .map { tenant in
                try Ambient.$tenant.withValue(tenant) { try pool.submit { Ambient.tenant } }
            }
        let plain = try pool.submit { Ambient.tenant }
        plug.release.open()
        #expect(try await futures[0].boundedValue == "a")
        #expect(try await futures[1].boundedValue == "b")
        #expect(try await plain.boundedValue == "no tenant")
    }

    @Test("MM6: one with nothing to carry takes no part, and an empty list does no harm")
    func nothingToCarry() async throws {
        let silent = ContextPropagator(name: "silent") { nil }
        let pool = try ContextPool(workers: 1, propagators: [silent, .taskLocal(Ambient.$tenant, name: "tenant")])
        let future = try Ambient.$tenant.withValue("acme") { try pool.submit { Ambient.tenant } }
        #expect(try await future.boundedValue == "acme")
        #expect(try await ContextPool(workers: 1, propagators: []).submit { 1 }.boundedValue == 1)
    }

    @Test("MM2, MM18: they are entered in the order of registration, left in reverse, and the later of two wins")
    func scopesNestInOrder() async throws {
        let order = Record<String>()
        func noisy(_ name: String) -> ContextPropagator {
            ContextPropagator(name: name) {
                { operation in
                    order.append("enter \(name)")
                    defer { order.append("leave \(name)") }
                    try Ambient.$tenant.withValue(name, operation: operation)
                }
            }
        }
        let pool = try ContextPool(workers: 1, propagators: [noisy("a"), noisy("b")])
        let future = try pool.submit {
            order.append("body")
            return Ambient.tenant
        }
        #expect(try await future.boundedValue == "b")
        #expect(order.elements == ["enter a", "enter b", "body", "leave b", "leave a"])
    }

    @Test("OB13: one that throws before the body fails the job with its error; the others are left in order")
    func throwingBeforeTheBody() async throws {
        let pool = try ContextPool(workers: 1, propagators: surrounded(by: .throwsBefore))
        let hasRun = Gate()
        let future = try submit(to: pool) { hasRun.open() }
        #expect(await future.settled.error as? Broken == Broken(reason: "before"))
        #expect(!hasRun.isOpen)
        try await expectCleanWorker(pool)
    }

    @Test("OB13: one that throws after the body fails the job with its error; the others are left in order")
    func throwingAfterTheBody() async throws {
        let pool = try ContextPool(workers: 1, propagators: surrounded(by: .throwsAfter))
        let hasRun = Gate()
        let future = try submit(to: pool) { hasRun.open() }
        #expect(await future.settled.error as? Broken == Broken(reason: "after"))
        #expect(hasRun.isOpen)
        try await expectCleanWorker(pool)
    }

    @Test("OB13: the body's own error is never hidden by a propagator", arguments: Behaviour.afterTheBody)
    func bodysErrorIsNotHidden(behaviour: Behaviour) async throws {
        let pool = try ContextPool(workers: 1, propagators: surrounded(by: behaviour))
        let future = try submit(to: pool) { throw Broken(reason: "body") }
        #expect(await future.settled.error as? Broken == Broken(reason: "body"))
        try await expectCleanWorker(pool)
    }

    @Test(
        "OB13: one that never runs the job, or runs it twice, is told by name; the body never runs twice",
        arguments: [
            (Behaviour.neverCalls, 0), (.callsTwice, 1), (.callsTwiceSwallowing, 1),
        ]
    )
    func misbehavingIsTold(behaviour: Behaviour, runs: Int) async throws {
        let pool = try ContextPool(workers: 1, propagators: surrounded(by: behaviour))
        let ran = Turnstile()
        let future = try submit(to: pool) { ran.pass() }
        let error = try #require(await future.settled.error as? ContextError)
        #expect(error.code == .propagatorMisbehaved)
        #expect(error.description.contains("tenant, broken, trace"))
        #expect(ran.count == runs)
        try await expectCleanWorker(pool)
    }

    @Test("OB13: one that runs the job on another thread is told by name, and the body does not run there")
    func otherThreadsAreTold() async throws {
        let hasRun = Gate()
        let wanderer = ContextPropagator(name: "wanderer") {
            guard RequestContext.current != nil else { return nil }
            return { operation in
                try withoutActuallyEscaping(operation) { operation in
                    let (smuggled, isDone) = (Smuggled(operation), Gate())
                    try ContextThread.start {
                        smuggled.run()
                        isDone.open()
                    }
                    isDone.wait()
                }
            }
        }
        let pool = try ContextPool(workers: 1, propagators: [.taskLocal(Ambient.$tenant, name: "tenant"), wanderer])
        let error = try #require(await submit(to: pool) { hasRun.open() }.settled.error as? ContextError)
        #expect(error.code == .propagatorMisbehaved)
        #expect(error.description.contains("tenant, wanderer"))
        #expect(!hasRun.isOpen)
        try await expectCleanWorker(pool)
    }

    @Test(
        "OB13: of two that are broken each scope is left once, whichever way they break",
        arguments: Behaviour.allCases
    )
    func brokenPairs(outer: Behaviour) async throws {
        for inner in Behaviour.allCases {
            let depth = Record<Int>()
            func watched(_ behaviour: Behaviour) -> ContextPropagator {
                ContextPropagator(name: "watched") {
                    guard RequestContext.current != nil else { return nil }
                    return { operation in
                        depth.append(1)
                        defer { depth.append(-1) }
                        try behaviour.run(operation)
                    }
                }
            }
            let pool = try ContextPool(
                workers: 1,
                propagators: [watched(outer), .taskLocal(Ambient.$tenant, name: "tenant"), watched(inner)]
            )
            let ran = Turnstile()
            let result = await (try submit(to: pool) { ran.pass() }).settled
            #expect(ran.count <= 1)
            #expect(depth.elements.reduce(0, +) == 0)
            if case .success = result { #expect(ran.count == 1, "\(outer), \(inner)") }
            try await expectCleanWorker(pool)
        }
    }

    @Test("a worker can ask whether a comparable task-local is clear, and what else can be asked")
    func probes() async throws {
        let propagator = ContextPropagator.taskLocal(Ambient.$tenant, name: "tenant")
        let isClear = try #require(propagator.isClear)
        #expect(await onThread { isClear() })
        #expect(!Ambient.$tenant.withValue("left behind") { isClear() })
        #expect(isClear())

        let flag = Gate()
        let byHand = ContextPropagator(name: "by hand", isClear: { !flag.isOpen }, capture: { nil })
        #expect(byHand.isClear?() == true)
        flag.open()
        #expect(byHand.isClear?() == false)
        #expect(ContextPropagator(name: "mute") { nil }.isClear == nil)
    }

    @Test("any value can be carried by hand")
    func anyValueCanBeCarried() async throws {
        let carrier = ContextPropagator(name: "by hand") {
            let trace = Ambient.trace
            return { operation in try Ambient.$trace.withValue("from \(trace)", operation: operation) }
        }
        let pool = try ContextPool(workers: 1, propagators: [carrier])
        let future = try Ambient.$trace.withValue("here") { try pool.submit { Ambient.trace } }
        #expect(try await future.boundedValue == "from here")
    }

    enum Behaviour: CaseIterable {
        case throwsBefore
        case throwsAfter
        case neverCalls
        case callsTwice
        case callsTwiceSwallowing
        case swallows
        case replaces

        static let afterTheBody: [Behaviour] = [.throwsAfter, .callsTwice, .callsTwiceSwallowing, .swallows, .replaces]

        func run(_ operation: () throws -> Void) throws {
            switch self {
            case .throwsBefore: throw Broken(reason: "before")
            case .throwsAfter:
                defer { withExtendedLifetime(self) {} }
                try? operation()
                throw Broken(reason: "after")
            case .neverCalls: break
            case .callsTwice:
                try operation()
                try operation()
            case .callsTwiceSwallowing:
                try? operation()
                try? operation()
            case .swallows: try? operation()
            case .replaces:
                do { try operation() } catch { throw Broken(reason: "replaced") }
            }
        }
    }

    private func surrounded(by behaviour: Behaviour) -> [ContextPropagator] {
        [
            .taskLocal(Ambient.$tenant, name: "tenant"),
            ContextPropagator(name: "broken") {
                // Only jobs of a request are broken, so that the next job can look at the worker.
                guard RequestContext.current != nil else { return nil }
                return { operation in try behaviour.run(operation) }
            },
            .taskLocal(Ambient.$trace, name: "trace"),
        ]
    }

    private func submit(to pool: ContextPool, _ body: @escaping @Sendable () throws -> Void) throws -> Future<Void> {
        try Ambient.$tenant.withValue("acme") {
            try RequestContext.withCurrent(.make(pool: pool)) { try pool.submit { try body() } }
        }
    }

    @Test("MM8: what the submitter does not have is absent where a snapshot runs, though the runner has it")
    func whatIsMissingIsHidden() throws {
        let values = Slots()
        let without: ContextPropagator.Scope = { try values.with(nil, $0) }
        let foreign = ContextPropagator(name: "foreign", clear: without) {
            values.current.map { value in { @Sendable operation in try values.with(value, operation) } }
        }
        let pool = try ContextPool(workers: 1, propagators: [.taskLocal(ifSet: Foreign.$span, name: "span"), foreign])
        let request = RequestContext.make(pool: pool)
        let snapshot = RequestContext.withCurrent(request) { ContextSnapshot.capture() }
        try Foreign.$span.withValue("runner") {
            try values.with("runner") {
                let seen = try snapshot.run { [Foreign.span, values.current] }
                #expect(seen == [nil, nil])
                #expect([Foreign.span, values.current] == ["runner", "runner"])
            }
        }
        #expect(!snapshot.description.contains("carrying"))
    }

    @Test("what nobody has bound is found in the middle of a bound value, whichever comes first")
    func unboundValues() throws {
        let seen = Ambient.$tenant.withValue("acme") { UnboundValue(of: Ambient.$tenant).value }
        #expect(seen == "no tenant")
    }

    private func expectCleanWorker(_ pool: ContextPool, _ location: SourceLocation = #_sourceLocation) async throws {
        let state =
            try await pool.submit {
                "\(RequestContext.current == nil) \(AppContext.current == nil) \(Ambient.tenant) \(Ambient.trace)"
            }
            .boundedValue
        #expect(state == "true true no tenant no trace", sourceLocation: location)
    }
}

/// Takes to another thread what the compiler would not let go there; it has let go of it when it has run.
private final class Smuggled: @unchecked Sendable {  // One thread after the other.
    private var operation: (() throws -> Void)?

    init(_ operation: @escaping () throws -> Void) { self.operation = operation }

    func run() {
        try? operation?()
        operation = nil
    }
}

private enum Foreign {
    @TaskLocal static var span: String?
}

/// A value of the calling task in the shape of a foreign library's.
private struct Slots: Sendable {
    @TaskLocal private static var slot: String?

    var current: String? { Self.slot }

    func with(_ value: String?, _ operation: () throws -> Void) throws {
        try Self.$slot.withValue(value, operation: operation)
    }
}
