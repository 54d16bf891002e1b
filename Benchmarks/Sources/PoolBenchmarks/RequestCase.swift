import ContextPool

/// What a request pays for its context, whether it submits anything or not.
enum RequestCase {
    private static let requests = 200_000

    static func make() -> Case {
        Case(
            name: "request context",
            contenders: [
                Contender(name: "ContextPool, make and end") { try sample { _ in } },
                Contender(name: "ContextPool, make, write a value and end") {
                    try sample { $0.g[named: "tenant"] = "acme" }
                },
                Contender(name: "ContextPool, make, capture once and end") {
                    try sample { context in RequestContext.withCurrent(context) { _ = ContextSnapshot.capture() } }
                },
                Contender(name: "ContextPool, make, capture twice and end") {
                    try sample { context in
                        RequestContext.withCurrent(context) {
                            _ = ContextSnapshot.capture()
                            _ = ContextSnapshot.capture()
                        }
                    }
                },
            ]
        )
    }

    private static func sample(_ use: (RequestContext) -> Void) throws -> Sample {
        let app = AppContext(name: "benchmarks", pool: try ContextPool(workers: 1))
        var stopwatch = Stopwatch()
        stopwatch.start()
        for _ in 0..<requests {
            let context = RequestContext(app: app)
            use(context)
            context.tearDown()
        }
        stopwatch.stop()
        return stopwatch.sample(jobs: requests)
    }
}
