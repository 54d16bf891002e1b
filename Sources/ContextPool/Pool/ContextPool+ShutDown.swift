extension ContextPool {
    /// What becomes of the jobs that are left when a pool shuts down.
    public enum ShutDownMode: Sendable {
        /// They run, and then the threads end.
        case finishPending
        /// Those that wait never run: their futures throw ``ContextPoolError`` with the code `shutDown`. Running jobs finish.
        case cancelPending
        /// As with ``cancelPending``; those that run are told, as by ``Future/cancel()``, and waited for.
        case cancelAll
    }

    /// What a shutdown has left undone.
    public struct ShutDownReport: Sendable {
        /// The jobs that this call ended before they began.
        public let neverRan: [JobInfo]
        /// How many jobs still ran when the time was up, the calling one included; 0 when all had ended.
        public let unfinished: Int
    }

    /// Refuses new jobs from now on, and returns when the others have ended.
    ///
    /// It may be called again, also at the same time, and with a harder mode. Called from an async job of this pool, or inside
    /// ``run(_:)``, it does not wait, since that would be waiting for itself.
    ///
    /// - Parameters:
    ///   - mode: What becomes of the jobs that are left.
    ///   - limit: How long to wait for them; without limit where it is `nil`. When it has passed, jobs that still wait never
    ///     run, in every mode; jobs that still run go on.
    /// - Returns: What was left undone.
    @discardableResult
    public func shutDown(_ mode: ShutDownMode = .finishPending, within limit: Duration? = nil) async -> ShutDownReport {
        var neverRan = queue.close(cancelsWaiting: mode != .finishPending)
        if mode == .cancelAll { queue.flagRunning() }
        var unfinished = queue.unfinished
        if RunningJob.current.map({ $0.queue !== queue || $0.isFinished }) ?? true {
            unfinished = await queue.waitUntilClosed(timeout: limit)
            if unfinished > 0 {
                neverRan += queue.close(cancelsWaiting: true)
                unfinished = queue.unfinished
            }
        }
        return ShutDownReport(neverRan: neverRan.map(\.info), unfinished: unfinished)
    }
}

/// Runs `body` with a pool of its own, and returns when the pool has ended: no job outlives it.
///
/// Where `body` returns, the jobs that are left finish first; where it throws, those that wait never run, and those that
/// run are told.
///
/// - Parameters:
///   - workers: How many threads.
///   - queueLimit: How many submitted jobs may wait for a thread.
///   - name: The name of the pool.
///   - propagators: What else travels with a plain closure.
///   - body: Receives the pool.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws; ``ContextPoolError`` where there can be no such pool.
public func withContextPool<Result>(
    workers: Int = ContextPool.defaultWorkers,
    queueLimit: Int = 1024,
    name: String = "pool",
    propagators: [ContextPropagator] = [],
    _ body: (ContextPool) async throws -> Result
) async throws -> Result {
    let pool = try ContextPool(workers: workers, queueLimit: queueLimit, name: name, propagators: propagators)
    do {
        let result = try await body(pool)
        await pool.shutDown(.finishPending)
        return result
    } catch {
        await pool.shutDown(.cancelAll)
        throw error
    }
}
