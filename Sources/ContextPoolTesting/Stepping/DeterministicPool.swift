// The overloads differ in whether their closure is async, by which the compiler tells them apart.
// swift-format-ignore-file: AmbiguousTrailingClosureOverload

public import ContextPool

/// A pool for tests, in which nothing happens by itself: workers, clock and whatever else happens take turns as a ``Schedule``
/// chooses.
///
/// ```swift
/// try Schedule.all { schedule in
///     let pool = try DeterministicPool(schedule: schedule)
///     let sent = Outbox()
///     let mail = try pool.submit(within: .seconds(2)) { sent.add("welcome") }
///     pool.atAnyTime("cancel") { mail.cancel() }
///     try pool.runUntilIdle()
///     #expect(mail.isCancelled == sent.isEmpty, "\(schedule)")
/// }
/// ```
///
/// ``pool`` is a ``ContextPool`` like any other, but for its threads and its clock. Whoever has the turn goes on until it gives
/// it up: before a job begins and before its future completes, after it was submitted, at an `await`, at ``pause()``, and where
/// it waits for a future. All else is as if it took no time. The test itself has the turn whenever none of the methods that
/// step is running.
///
/// The same schedule and the same program make the same interleaving, unless the program uses what the pool does not know: a
/// `Task { }` of its own, `Task.sleep`, threads, locks that are held over a pause, or a pool that has shut down, whose late
/// tasks go on with Swift's own threads.
///
/// It is used by one test at a time. What is in the middle of its work when the pool is dropped runs to its end, unstepped.
public final class DeterministicPool: Sendable {
    /// The pool, to be handed to what is tested.
    public let pool: ContextPool

    /// Who goes next.
    public var schedule: Schedule { stepper.schedule }

    private let stepper: Stepper

    /// Creates a pool; the parameters that ``ContextPool`` has as well mean the same.
    ///
    /// - Parameters:
    ///   - workers: How many jobs may be in the middle of their work.
    ///   - queueLimit: How many submitted jobs may wait.
    ///   - whenFull: What becomes of a job that comes when as many wait.
    ///   - fairness: Between whom the workers divide their turns.
    ///   - name: The pool's name.
    ///   - propagators: What else travels with a plain closure.
    ///   - selection: Which part of the context jobs get.
    ///   - observer: Is told what happens.
    ///   - schedule: Who goes next.
    /// - Throws: ``ContextPoolError`` with the code `invalidConfiguration`.
    public init(
        workers: Int = 1,
        queueLimit: Int = 1024,
        whenFull: FullQueuePolicy = .reject,
        fairness: JobFairness = .byRequest,
        name: String = "pool",
        propagators: [ContextPropagator] = [],
        context selection: ContextSelection = .all,
        observer: (any ContextPoolObserver)? = nil,
        schedule: Schedule = Schedule(seed: 0)
    ) throws(ContextPoolError) {
        let stepper = Stepper(schedule: schedule)
        // Weakly: what waits in the queue may refer to this pool, and its threads end with it.
        let clock = stepper.clock.poolClock { [weak stepper] timeout, isOver in
            stepper?.wait(timeout, isOver) ?? isOver()
        }
        pool = try ContextPool(
            steppedBy: clock,
            workers: workers,
            queueLimit: queueLimit,
            whenFull: whenFull,
            fairness: fairness,
            name: name,
            propagators: propagators,
            context: selection,
            observer: InterleavingObserver(other: observer) { [weak stepper] in stepper?.pause($0) }
        )
        self.stepper = stepper
        for number in 0..<workers { stepper.addWorker(number, of: pool) }
        stepper.addClock()
    }

    deinit { stepper.end() }

    /// Whether nothing can go on now; those that wait for a time or for each other may be left.
    public var isIdle: Bool { !stepper.canStep }

    /// Those that wait for a future in the middle of their work, when it is not their turn.
    public var waiting: [String] { stepper.waiting }

    /// The time on the pool's clock, which begins at zero.
    public var now: Duration { stepper.clock.now }

    /// Puts the clock forward.
    ///
    /// What is due by then happens in later steps, in any order with everything else.
    ///
    /// - Parameter time: How far; a negative time is none.
    public func advance(by time: Duration) { stepper.clock.advance(to: stepper.clock.now + time.clampedToAges) }

    /// Has `body` run on a thread of its own, without a context, some time from now on: what other threads of a program do.
    ///
    /// - Parameters:
    ///   - name: What it is called in ``Schedule/steps``.
    ///   - body: What to run. What it throws comes out of the method that steps.
    public func atAnyTime(_ name: String, _ body: @escaping @Sendable () throws -> Void) {
        stepper.add(
            Action { [weak stepper] in
                do { try body() } catch { stepper?.threw(error) }
            },
            name: name
        )
    }

    /// Has an async `body` run some time from now on: each part of it, from one `await` to the next, when it is its turn.
    ///
    /// - Parameters:
    ///   - name: What it is called in ``Schedule/steps``.
    ///   - body: What to run. What it throws comes out of the method that steps.
    public func atAnyTime(_ name: String, _ body: @escaping @Sendable () async throws -> Void) {
        let action = Action()
        stepper.add(action, name: name)
        Task.detached(executorPreference: action) { [weak stepper] in
            do { try await body() } catch { stepper?.threw(error) }
        }
    }

    /// Lets others go on first, where a job or what runs at any time calls it; does nothing elsewhere.
    public func pause() { stepper.pause("goes on") }

    /// Lets one worker, the clock, or one of those that run at any time go on, until it gives up its turn.
    ///
    /// - Returns: Whether there was one.
    /// - Throws: ``DeterministicPoolError``, and what a body of ``atAnyTime(_:_:)-((String),(()->Void))`` throws.
    @discardableResult
    public func runOne() throws -> Bool {
        stepper.touch()
        return try stepper.step()
    }

    /// Lets them go on until none can, while the clock stands still.
    ///
    /// - Parameter limit: After how many steps to give up.
    /// - Throws: ``DeterministicPoolError``, and what a body of ``atAnyTime(_:_:)-((String),(()->Void))`` throws.
    public func runUntilIdle(atMost limit: Int = 100_000) throws {
        stepper.touch()
        for _ in 0..<max(0, limit) where try !stepper.step() { return }
        if stepper.canStep { throw DeterministicPoolError.tooManySteps(limit) }
    }

    /// Lets them go on until `future` is complete; where nothing else is left to do the clock goes on, too.
    ///
    /// `future.wait()` does the same, but cannot be called from async code.
    ///
    /// - Parameter future: A future of this pool.
    /// - Returns: Its value.
    /// - Throws: What the future failed with; ``ContextPoolError`` with the code `wouldDeadlock` where it never completes.
    public func value<Value>(of future: Future<Value>) throws -> Value {
        let wait: () throws -> Value = { try future.wait() }
        return try wait()
    }
}

extension Stepper {
    fileprivate func addWorker(_ number: Int, of pool: ContextPool) {
        let worker = SteppedWorker(number: number, of: pool)
        let name = "worker \(number + 1)"
        add(
            Strand(name: name, isWorker: true, hasWork: { worker.hasWork }, intent: "takes the next job") {
                [weak self] in
                worker.adopt()
                guard let taken = worker.take() else { return }
                // A real worker has it in its hands for a moment, too, in which anything may happen.
                self?.pause("runs \(taken)")
                worker.run(taken)
            }
        )
    }

    fileprivate func addClock() {
        add(
            Strand(name: "clock", hasWork: { [clock] in clock.isDue }, intent: "rings") { [clock] in clock.takeDue()?()
            }
        )
    }

    fileprivate func add(_ action: Action, name: String) {
        add(Strand(name: name, hasWork: { action.hasWork }, intent: "goes on") { action.work() })
    }
}
