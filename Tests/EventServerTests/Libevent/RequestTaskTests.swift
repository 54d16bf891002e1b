import Synchronization
import TestSupport
import Testing

@testable import EventServer

@Suite("A task of the loop", .timeLimit(.minutes(1)))
struct RequestTaskTests {
    private struct Weak: Sendable {
        weak let task: RequestTask?
    }

    /// Serves on one loop, so that all requests have the same tasks.
    private func withServer(
        answering answer: @escaping @Sendable (Request) async -> Response,
        _ body: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        try await TestServer.run(configure: { $0.loops = 1 }, answer: answer, body)
    }

    private static func ask(_ path: String, of server: TestServer) async throws -> String {
        try await server.connect { connection in
            try connection.send("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n")
            return try connection.receiveResponse().body
        }
    }

    @Test("works for one request after the other, of whatever connection")
    func isKept() async throws {
        try await withServer { _ in
            .text("\(unsafe withUnsafeCurrentTask { unsafe $0.hashValue })")
        } _: { server in
            let first = try await Self.ask("/", of: server)
            for _ in 0..<3 { #expect(try await Self.ask("/", of: server) == first) }
        }
    }

    @Test("ends with the request that was cancelled: the next one is not")
    func isNotKeptCancelled() async throws {
        let (begun, ended) = (Gate(), Gate())
        try await withServer { request in
            let wasCancelled = Task.isCancelled
            if request.path == "/leave" {
                begun.open()
                await untilCancelled()
                ended.open()
            }
            return .text("\(wasCancelled)")
        } _: { server in
            try await server.connect { connection in
                try connection.send("GET /leave HTTP/1.1\r\nHost: h\r\n\r\n")
                begun.wait()
                connection.reset()
            }
            await ended.opened()
            for _ in 0..<3 { #expect(try await Self.ask("/", of: server) == "false") }
        }
    }

    @Test("ends with a request that cancels itself")
    func isNotKeptWhenItCancelsItself() async throws {
        try await withServer { request in
            let wasCancelled = Task.isCancelled
            if request.path == "/cancel" { unsafe withUnsafeCurrentTask { unsafe $0?.cancel() } }
            return .text("\(wasCancelled)")
        } _: { server in
            for path in ["/cancel", "/", "/cancel", "/cancel", "/"] {
                let wasCancelled = try await Self.ask(path, of: server)
                #expect(wasCancelled == "false")
            }
        }
    }

    @Test("ends with a request that raises its priority")
    func isNotKeptRaised() async throws {
        try await withServer { request in
            let priority = Task.currentPriority
            if request.path == "/raise" { unsafe withUnsafeCurrentTask { unsafe $0?.escalatePriority(to: .high) } }
            return .text("\(priority.rawValue)")
        } _: { server in
            let usual = try await Self.ask("/", of: server)
            for path in ["/raise", "/", "/raise", "/raise", "/"] {
                #expect(try await Self.ask(path, of: server) == usual)
            }
        }
    }

    private enum Local {
        @TaskLocal static var mark = "none"
    }

    @Test("has nothing of the one inside of whose run it was made")
    func isMadeInside() async throws {
        try await withServer { request in
            let seen = "\(Task.currentPriority.rawValue) \(Local.mark) \(Task.isCancelled)"
            guard request.path == "/raise" else { return .text(seen) }
            // What is pipelined behind it begins where this one ends, and needs another task.
            return await Local.$mark.withValue("inside") {
                unsafe withUnsafeCurrentTask { task in
                    unsafe task?.escalatePriority(to: .high)
                    unsafe task?.cancel()
                }
                await Task.yield()
                return .text(seen)
            }
        } _: { server in
            let usual = try await Self.ask("/", of: server)
            let seen = try await server.connect { connection in
                let paths = (0..<12).map { $0.isMultiple(of: 3) ? "/" : "/raise" }
                try connection.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: h\r\n\r\n" }.joined())
                return try paths.map { _ in try connection.receiveResponse().body }
            }
            #expect(seen == Array(repeating: usual, count: 12))
            #expect(usual.hasSuffix("none false"))
        }
    }

    /// Runs what prefers it on a thread that is no loop's.
    private final class Elsewhere: TaskExecutor {
        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            Task.detached { await onThread { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) } }
        }
    }

    @Test("leaves nothing behind where its handler comes back on another thread", arguments: [false, true])
    func endsElsewhere(leaves: Bool) async throws {
        let heads = Mutex<[WeakHead]>([])
        let (begun, left) = (Gate(), Gate())
        try await withServer { request in
            heads.withLock { $0.append(WeakHead(head: request.head)) }
            return await withTaskExecutorPreference(Elsewhere()) {
                begun.open()
                if leaves { await untilCancelled() }
                left.open()
                return .text("ok")
            }
        } _: { server in
            if leaves {
                try await server.connect { connection in
                    try connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                    begun.wait()
                    connection.reset()
                    left.wait()
                }
            } else {
                #expect(try await Self.ask("/", of: server) == "ok")
            }
            #expect(await isSoon { heads.withLock { $0.count == 1 && $0[0].head == nil } })
        }
    }

    private final class Listening: RequestListener {
        let order = Mutex<[String]>([])

        func requestAbandoned() { order.withLock { $0.append("listener") } }
    }

    @Test("is flagged before the request's listener hears of it, who may ask the task")
    func isFlaggedFirst() async throws {
        let (begun, ended) = (Gate(), Gate())
        let listener = Listening()
        try await withServer { request in
            request.listener = listener
            await withTaskCancellationHandler {
                begun.open()
                await untilCancelled()
            } onCancel: {
                listener.order.withLock { $0.append("task") }
            }
            ended.open()
            return .text("")
        } _: { server in
            try await server.connect { connection in
                try connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                begun.wait()
                connection.reset()
            }
            await ended.opened()
        }
        #expect(listener.order.withLock { $0 } == ["task", "listener"])
    }

    private struct WeakHead: Sendable {
        weak let head: RequestHead?
    }

    @Test("is there for each of more requests than are kept tasks for")
    func manyAtOnce() async throws {
        let all = Gate()
        let begun = Mutex(0)
        try await withServer { request in
            if request.path == "/wait" {
                if begun.withLock({
                    $0 += 1
                    return $0 == 100
                }) {
                    all.open()
                }
                await all.opened()
            }
            return .text(request.queryString ?? "")
        } _: { server in
            for _ in 0..<2 {
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<100 {
                        group.addTask { try await Self.ask("/wait?\(number)", of: server) == "\(number)" }
                    }
                    for try await isRight in group { #expect(isRight) }
                }
            }
        }
    }

    @Test("goes on with what is pipelined behind a request that has waited")
    func pipelined() async throws {
        try await withServer { request in
            if request.path == "/wait" { for _ in 0..<3 { await Task.yield() } }
            return .text(request.queryString ?? "")
        } _: { server in
            let texts = try await server.connect { connection in
                let requests = (0..<50).map { "GET /\($0 % 3 == 1 ? "wait" : "now")?\($0) HTTP/1.1\r\nHost: h\r\n\r\n" }
                try connection.send(requests.joined())
                return try (0..<50).map { _ in try connection.receiveResponse().body }
            }
            #expect(texts == (0..<50).map { "\($0)" })
        }
    }

    /// Runs `body` on a loop's thread, and ends the loop.
    private func onLoop<Result: Sendable>(_ body: @escaping @Sendable (EventLoop) -> Result) async throws -> Result {
        let loop = try EventLoop()
        let result = Mutex<Result?>(nil)
        let ended = Gate()
        try LoopThread.start(name: "test-loop") {
            loop.execute {
                let value = body(loop)
                result.withLock { $0 = value }
                loop.stop()
            }
            loop.run()
            ended.open()
        }
        await ended.opened()
        return try #require(result.withLock { $0 })
    }

    @Test("ends when nobody has needed it between two ticks")
    func isTrimmed() async throws {
        let isAlive = try await onLoop { loop in
            var tasks = [loop.takeTask(), loop.takeTask()]
            let (first, second) = (Weak(task: tasks[0]), Weak(task: tasks[1]))
            for task in tasks { _ = loop.keep(task) }
            tasks = []
            loop.trim()
            let both = first.task != nil && second.task != nil
            _ = loop.keep(loop.takeTask())
            loop.trim()
            let oneIsLeft = first.task == nil && second.task != nil
            loop.trim()
            return [both, oneIsLeft, second.task == nil]
        }
        #expect(isAlive == [true, true, true])
    }

    @Test("does not outlive its loop")
    func endsWithItsLoop() async throws {
        let task = try await onLoop { loop in
            let task = loop.takeTask()
            _ = loop.keep(task)
            return Weak(task: task)
        }
        #expect(await isSoon { task.task == nil })
    }

    @Test("is not kept by a loop that has enough of them")
    func isBounded() async throws {
        let kept = try await onLoop { loop in
            let tasks = (0..<100).map { _ in loop.takeTask() }
            let kept = tasks.map { loop.keep($0) }
            for (task, isKept) in zip(tasks, kept) where !isKept { task.end() }
            return kept.count { $0 }
        }
        #expect(kept == 64)
    }
}
