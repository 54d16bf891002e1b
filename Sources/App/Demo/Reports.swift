import Baton

/// `POST /reports`: starts a report that takes some seconds, and answers with where its job can be followed.
struct Reports: Sendable {
    private struct Report: Encodable {
        var pages: Int
        var user: String
    }

    private static let pages = 20

    /// How each page waits; the slowness of the demo, and the gate of its tests.
    var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// For how long a report can be asked for when it is done.
    var keptFor = Duration.seconds(60)

    /// More jobs than that at once are refused: while one is suspended it takes no place in the queue, which has a limit.
    var limit = 1000

    func addRoutes(to router: inout Router) {
        router.post("/reports") { _, context in
            guard context.pool.unfinishedJobs < limit else {
                throw HTTPError(.serviceUnavailable, "Too many reports at once.", headers: [.retryAfter: "5"])
            }
            let job = try context.pool.submit(named: "report", keptFor: keptFor, ownedBy: context.jobOwner) {
                try await write()
            }
            var response = try Response.json(JobDescription(job.kept), status: .accepted)
            response.headers[.location] = "/jobs/\(job.id)"
            return response
        }
    }

    /// Nobody has passed it a user; an async job holds no worker while it waits.
    private func write() async throws -> Report {
        for page in 0..<Self.pages {
            CurrentJob.report(Double(page) / Double(Self.pages), "page \(page + 1) of \(Self.pages)")
            try await pause(.milliseconds(300))
        }
        let user = try RequestContext.require().g.user?.id ?? currentUserID()
        return Report(pages: Self.pages, user: user)
    }
}
