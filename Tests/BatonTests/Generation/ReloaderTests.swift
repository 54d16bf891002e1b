import ContextPool
import Synchronization
import TestSupport
import Testing

@testable import Baton

@Suite(.timeLimit(.minutes(1))) struct ReloaderTests {
    @Test func `a reload serves by the new configuration, and stops the plug-ins of the old one`() async throws {
        let stage = try await ReloadStage("id: one")
        #expect(try await stage.request() == "one")
        await stage.reload("id: two")
        #expect(try await stage.request() == "two")
        await stage.diary.noted("stop one")
        #expect(stage.diary.entries == ["start one", "start two", "stop one"])
        #expect(await stage.close() == 0)
        #expect(stage.diary.entries.last == "stop two")
        let line = stage.logs.lines.first { $0.message == "configuration reloaded" }
        #expect(line?.metadata == ["generation": "2", "reason": "test", "chain": "lively"])
    }

    @Test func `a request ends in the generation that it began in, and that lives until then`() async throws {
        let (begun, goOn) = (Gate(), Gate())
        let stage = try await ReloadStage("id: one") { router in
            router.get("/slow") { _, _ in
                begun.open()
                await goOn.opened()
                return .text("slow")
            }
        }
        async let slow = stage.request("/slow")
        await begun.opened()
        await stage.reload("id: two")
        #expect(try await stage.request() == "two")
        #expect(stage.generations.aliveCount == 2)
        #expect(stage.diary.entries == ["start one", "start two"])
        goOn.open()
        #expect(try await slow == "one")
        await stage.diary.noted("stop one")
        #expect(await stage.close() == 0)
    }

    @Test func `a stream lives on, and its generation with it, until it has ended`() async throws {
        let (begun, goOn) = (Gate(), Gate())
        let stage = try await ReloadStage("id: one") { router in
            router.get("/stream") { _, _ in
                Response(
                    status: .ok,
                    body: .stream { writer in
                        try await writer.write("first")
                        begun.open()
                        await goOn.opened()
                        try await writer.write("second")
                    }
                )
            }
        }
        let sent = Diary.Text("")
        let generations = stage.generations
        let streaming = Task {
            let response = try await generations.respond(to: .inProcess("GET", "/stream"))
            try await response.send { bytes in sent.value += String(decoding: bytes, as: UTF8.self) + " " }
        }
        await begun.opened()
        await stage.reload("id: two")
        #expect(stage.generations.aliveCount == 2)
        goOn.open()
        try await streaming.value
        #expect(sent.value == "first second ")
        await stage.diary.noted("stop one")
        #expect(await stage.close() == 0)
    }

    @Test(arguments: [
        ("chain: [", "c.yml:2:1: this is not YAML"),
        ("chain: [livly]", "c.yml:1:9: chain.0: unknown middleware \"livly\"; did you mean \"lively\"?"),
        ("chain: [lively]", "c.yml:1:1: middleware.lively.id: a value is missing"),
        ("server: {port: x}", "c.yml:1:16: server.port: expected a whole number, found \"x\""),
    ])
    func `a configuration that is wrong changes nothing, and the log says what check would`(
        _ yaml: String,
        _ message: String
    ) async throws {
        let stage = try await ReloadStage("id: one")
        stage.write(whole: yaml)
        await stage.reloader.reloadNow(because: "test")
        #expect(try await stage.request() == "one")
        #expect(stage.diary.entries == ["start one"])
        #expect(stage.errors.first == "configuration not reloaded: the one before goes on")
        #expect(stage.errors.dropFirst().contains { $0.hasPrefix(message) }, "\(stage.errors)")
        await stage.reload("id: two")
        #expect(try await stage.request() == "two")
        _ = await stage.close()
    }

    @Test func `a plug-in that cannot start changes nothing`() async throws {
        let stage = try await ReloadStage("id: one")
        await stage.reload("id: two, fails: true")
        #expect(try await stage.request() == "one")
        #expect(stage.errors.last?.hasPrefix("c.yml:1:9: chain.0: \"lively\" could not start: ") == true)
        #expect(stage.generations.aliveCount == 1)
        #expect(await stage.close() == 0)
        #expect(stage.diary.entries == ["start one", "stop one"])
    }

    @Test func `what a reference led to is not told by the error of a plug-in either`() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("id.txt", "hunter2".utf8)
        let stage = try await ReloadStage("id: one")
        for (id, told) in [("${FILE:\(path)}", "(redacted)"), ("a ${FILE:\(path)} b", "a (redacted) b")] {
            await stage.reload("id: \"\(id)\", fails: true")
            #expect(stage.errors.last == "c.yml:1:9: chain.0: \"lively\" could not start: broken by \(told)")
        }
        _ = await stage.close()
    }

    @Test func `a plug-in that hangs while it starts changes nothing, and the next reload goes on`() async throws {
        let stage = try await ReloadStage("id: one")
        await stage.reload("id: two, hangs: true", rest: "server: {timeouts: {start: 20ms}}")
        #expect(try await stage.request() == "one")
        let message = stage.errors.last ?? ""
        #expect(
            message.hasPrefix("c.yml:1:9: chain.0: \"lively\" could not start: it had not started after"),
            "\(message)"
        )
        await stage.reload("id: three", rest: "server: {timeouts: {start: 30s}}")
        #expect(try await stage.request() == "three")
        // It counts from the next reload on, and needs no restart.
        #expect(!stage.logs.lines.contains { $0.level == .warning })
        #expect(await stage.close() == 0)
    }

    @Test func `a thousand reloads leave one generation`() async throws {
        let stage = try await ReloadStage("id: g0")
        for number in 1...1000 {
            await stage.reload("id: g\(number)")
            if number.isMultiple(of: 100) { #expect(try await stage.request() == "g\(number)") }
        }
        for number in 0..<1000 { await stage.diary.noted("stop g\(number)") }
        #expect(stage.generations.aliveCount == 1)
        #expect(await stage.close() == 0)
    }

    @Test func `what cannot be reloaded is named, and stays`() async throws {
        let stage = try await ReloadStage(rest: "server: {port: 1}")
        await stage.reload("id: two", rest: "server: {port: 2, loops: 3}\npool: {workers: 2}")
        let line = stage.logs.lines.first { $0.level == .warning }
        #expect(line?.message == "changed settings need a restart, and stay as they were")
        #expect(line?.metadata["keys"] == "pool.workers,server.loops,server.port")
        #expect(try await stage.request() == "two")
        _ = await stage.close()
    }

    @Test func `reloads that are asked for while one runs become one`() async throws {
        let stage = try await ReloadStage("id: one")
        let running = Task { await stage.reloader.run() }
        for _ in 0..<100 { stage.reloader.reload(because: "test") }
        stage.write("id: last")
        stage.reloader.reload(because: "last")
        await stage.diary.noted("start last")
        stage.reloader.stop()
        await running.value
        #expect(try await stage.request() == "last")
        #expect(stage.logs.lines.filter { $0.message == "configuration reloaded" }.count <= 102)
        _ = await stage.close()
    }

    @Test func `a watched file is reloaded when it has changed and is whole, and not otherwise`() async throws {
        let stage = try await ReloadStage("id: one", rest: "reload: {watch: true}")
        let running = Task { await stage.reloader.run() }
        func tick() async {
            await stage.time.somebodySleeps()
            stage.time.advance(by: .seconds(1))
            await stage.time.somebodySleeps()
        }
        await tick()
        #expect(stage.diary.entries == ["start one"])
        stage.write("id: two", rest: "reload: {watch: true}")
        await tick()
        // It may still be written; one more look is needed.
        #expect(stage.diary.entries == ["start one"])
        await tick()
        await stage.diary.noted("start two")
        stage.reloader.stop()
        stage.time.advance(by: .seconds(1))
        await running.value
        _ = await stage.close()
    }

    @Test func `a file that the configuration names is watched with it, also one that comes later`() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("id.txt", "one".utf8)
        let options = "id: \"${FILE:\(path)}\""
        let stage = try await ReloadStage(options, rest: "reload: {watch: true}")
        let running = Task { await stage.reloader.run() }
        func tick() async {
            await stage.time.somebodySleeps()
            stage.time.advance(by: .seconds(1))
            await stage.time.somebodySleeps()
        }
        await tick()
        #expect(try await stage.request() == "one")
        _ = try folder.file("id.txt", "number two".utf8)
        for _ in 0..<2 { await tick() }
        await stage.diary.noted("start number two")
        stage.write("id: \"${FILE:\(folder.path)/later.txt}\"", rest: "reload: {watch: true}")
        for _ in 0..<2 { await tick() }
        while !stage.errors.contains(where: { $0.contains("there is no file") }) { await Task.yield() }
        _ = try folder.file("later.txt", "three".utf8)
        for _ in 0..<2 { await tick() }
        await stage.diary.noted("start three")
        stage.reloader.stop()
        stage.time.advance(by: .seconds(1))
        await running.value
        _ = await stage.close()
    }

    @Test func `who does not want to wait for the end of a generation does not wait`() async throws {
        let stage = try await ReloadStage()
        for _ in 0..<5000 { #expect(await stage.generations.waitForEnd(within: .zero) == 1) }
        _ = await stage.close()
    }
}
