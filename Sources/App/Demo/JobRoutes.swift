import Baton

/// `/jobs/{id}`: a job in the background, for the user who has started it.
enum JobRoutes {
    static func addRoutes(to router: inout Router) {
        router.get("/jobs/{id}") { _, context in
            var response = try Response.json(JobDescription(job(in: context)))
            response.headers[.cacheControl] = "no-store"
            return response
        }
        router.delete("/jobs/{id}") { _, context in
            try job(in: context).cancel()
            return Response(status: .noContent)
        }
        router.get("/jobs/{id}/events") { request, context in
            try events(of: job(in: context), after: request.lastEventID)
        }
    }

    /// Each change as an event `progress`, and then one `end`.
    private static func events(of job: KeptJob, after version: Int?) -> Response {
        // A browser comes back when a stream has ended, unless it is told that there will be no more.
        if job.status.isFinal, job.status.version == version { return Response(status: .noContent) }
        return .events { stream in
            for await status in job.changes(after: version) {
                let text = try JobDescription(job, status).json
                let name = status.isFinal ? "end" : "progress"
                try await stream.send(ServerSentEvent(text, name: name, id: "\(status.version)"))
            }
        }
    }

    /// One answer for a job that there never was, one that is forgotten, and one of somebody else.
    private static func job(in context: RequestContext) throws(HTTPError) -> KeptJob {
        let id: String = try context.parameters.require("id")
        guard let job = context.pool.job(id, ownedBy: context.jobOwner) else {
            throw HTTPError(.notFound, "There is no such job, or not any more.")
        }
        return job
    }
}

extension RequestContext {
    /// Whose jobs are those of this request.
    ///
    /// Whoever has signed in is another one than the guest who only says that he has the same name.
    var jobOwner: String { g.user.map { "user \($0.id)" } ?? "guest \(g.userID ?? "nobody")" }
}

extension Request {
    /// What a browser has seen of a stream that it comes back to.
    fileprivate var lastEventID: Int? { HTTPField.Name("Last-Event-ID").flatMap { header($0) }.flatMap { Int($0) } }
}
