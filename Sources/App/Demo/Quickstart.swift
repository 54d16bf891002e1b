import Baton

/// The two routes of the Flask-Threads quickstart: a value of `g`, read back in a thread and in a pool.
///
/// There it works while a thread or pool is made inside each request. Here one pool, made at start-up, serves all users, and
/// each job knows its own.
enum Quickstart {
    static func addRoutes(to router: inout Router) {
        router.get("/user/thread") { _, _ in
            let thread = try ContextThread.start(name: "user-thread") { try currentUserID() }
            return .text("\(try await thread.value)\n")
        }
        router.get("/user/executor") { _, context in
            let future = try context.pool.submit { try currentUserID() }
            return .text("\(try await future.value)\n")
        }
    }
}
