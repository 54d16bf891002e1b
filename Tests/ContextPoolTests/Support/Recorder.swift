@testable import ContextPool

/// An observer that writes down what it is told, in few words.
final class Recorder: ContextPoolObserver {
    private let record = Record<String>()
    let runs = Record<JobRun>()

    var events: [String] { record.elements }

    func jobSubmitted(_ job: JobInfo) { record.append("submitted \(name(job))") }

    func submissionRefused(_ job: JobInfo, _ error: ContextPoolError) {
        record.append("refused \(name(job)) \(error.code)")
    }

    func jobNeverRan(_ job: JobInfo, _ reason: any Error, waited: Duration) {
        record.append(
            "never ran \(name(job)) \((reason as? ContextPoolError)?.code.description ?? "\(type(of: reason))")"
        )
    }

    func jobRan(_ job: JobInfo, _ run: JobRun) {
        record.append("ran \(name(job))\(run.error.map { " \($0)" } ?? "")")
        runs.append(run)
    }

    func ifUnseen(_ job: JobInfo?, _ error: any Error) -> (@Sendable () -> Void)? {
        let name = job.map(name) ?? "none"
        record.append("unasked \(name) \(error)")
        return { self.record.append("unseen \(name) for \(RequestContext.current?.g.user ?? "nobody")") }
    }

    func callbackFailed(_ job: JobInfo?, _ error: any Error) {
        record.append("callback of \(job.map(name) ?? "none") \(error)")
    }

    func contextLeaked(_ job: JobInfo?, _ name: String) {
        record.append("leak \(name) after \(job.map(self.name) ?? "a task")")
    }

    func around<Value>(_ job: JobInfo, _ body: () throws -> Value) throws -> Value {
        record.append("around \(name(job)) for \(RequestContext.current?.g.user ?? "nobody")")
        return try body()
    }

    func around<Value: Sendable>(_ job: JobInfo, _ body: () async throws -> Value) async throws -> Value {
        record.append("around \(name(job)) for \(RequestContext.current?.g.user ?? "nobody")")
        return try await body()
    }

    private func name(_ job: JobInfo) -> String { job.name ?? "a job" }
}
