import Foundation
import Middleware
import TestSupport
import Testing

/// Real libraries, loaded by the built binary.
@Suite(.timeLimit(.minutes(3))) struct LoadedPluginTests {
    /// A middleware that answers with what it sees of the server.
    private static func probe(saying word: String = "one", handingOver types: String = "Probe.self") -> String {
        """
        import Baton

        struct Teapot: HTTPResponseError {
            func makeResponse() -> Response { .text("teapot", status: .init(code: 418)) }
        }

        struct Probe: MiddlewarePlugin {
            static let name = "probe"

            struct Options: Decodable { var header: String? }

            init(options: Options) {}

            func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
                switch request.path {
                case "/own-error": throw Teapot()
                case "/error": throw HTTPError(.badRequest, "said by the plug-in")
                case "/next": return try await next(request, in: context)
                default: break
                }
                let here = RequestContext.current === context
                let id = RequestContext.current?.g.requestID ?? "none"
                let job = try context.pool.submit { RequestContext.current?.g.requestID ?? "none" }
                return .text("\(word) \\(here) \\(id) \\(try await job.value)\\n")
            }
        }

        @c(baton_plugin) public func plugin() { LoadablePlugin.handOver(\(types)) }
        """
    }

    private static let config = """
        plugins: [libProbe.so]
        chain: [request-id, errors, probe]
        """

    private func get(_ path: String, at port: Int) async throws -> RawResponse {
        try await onThread {
            let connection = try RawConnection(port: port)
            try connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\nx-request-id: r-7\r\nConnection: close\r\n\r\n")
            return try connection.receiveResponse()
        }
    }

    private func port(of baton: BatonProcess) async throws -> Int {
        let banner = try await onThread { try baton.readOutput(untilLine: "Try:") }
        return try #require(banner.first.flatMap { Int($0.split(separator: ":")[2].prefix { $0.isNumber }) })
    }

    @Test func typesConformancesAndTaskLocalsAreThoseOfTheServer() async throws {
        let folder = try TemporaryFolder()
        let library = "\(folder.path)/libProbe.so"
        try await BuiltPlugin.compile(Self.probe(), module: "ProbePlugin", into: library)
        try Self.config.write(toFile: "\(folder.path)/config.yml", atomically: true, encoding: .utf8)

        let chain = try await BatonProcess.run(["chain", "-c", "\(folder.path)/config.yml"], config: nil)
        #expect(chain.output.contains("probe from \(folder.path)/libProbe.so"), "\(chain.errors)")
        let schema = try await BatonProcess.run(["schema", "-c", "\(folder.path)/config.yml"], config: nil)
        #expect(schema.output.contains("\"probe\""))

        let baton = try BatonProcess.start(["-c", "\(folder.path)/config.yml", "--port", "0"], config: nil)
        let port = try await port(of: baton)
        #expect(try await get("/", at: port).body == "one true r-7 r-7\n")
        #expect(try await get("/own-error", at: port).status == 418)
        let error = try await get("/error", at: port)
        #expect(error.status == 400)
        #expect(error.body.contains("said by the plug-in"))
        baton.signal(SIGTERM)
        _ = try await onThread { try baton.waitForEnd() }
    }

    /// The ladder of versions ends somewhere; behind that, two compilers would look the same.
    @Test func theMarksNameTheVeryCompiler() async throws {
        let version = try await onThread {
            let (process, output) = (Process(), Pipe())
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["swiftc", "--version"]
            process.standardOutput = output
            try process.run()
            return String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        }
        let words = version.split(separator: " ")
        let index = try #require(words.firstIndex(of: "version"))
        #expect(LoadablePlugin.marks.contains("baton-plugin-mark compiler \(words[index + 1])\n"), "\(version)")
    }

    @Test func aReloadTakesAFileUnderANewNameAndTellsOfOneThatHasChanged() async throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/config.yml"
        // The same module and the same type, as two versions of one plug-in have them.
        try await BuiltPlugin.compile(Self.probe(), module: "ProbePlugin", into: "\(folder.path)/libProbe.so")
        try await BuiltPlugin.compile(Self.probe(saying: "two"), module: "ProbePlugin", into: "\(folder.path)/new.so")
        try Self.config.write(toFile: file, atomically: true, encoding: .utf8)
        let baton = try BatonProcess.start(["-c", file, "--port", "0"], config: nil)
        let port = try await port(of: baton)
        #expect(try await get("/", at: port).body == "one true r-7 r-7\n")

        try FileManager.default.copyItem(atPath: "\(folder.path)/new.so", toPath: "\(folder.path)/libProbe-2.so")
        try Self.config.replacing("libProbe", with: "libProbe-2").write(toFile: file, atomically: true, encoding: .utf8)
        baton.signal(SIGHUP)
        while try await get("/", at: port).body.hasPrefix("one") {}
        #expect(try await get("/", at: port).body == "two true r-7 r-7\n")
        #expect(try await get("/own-error", at: port).status == 418)

        // Put in its place, as an installer does.
        try FileManager.default.removeItem(atPath: "\(folder.path)/libProbe.so")
        try FileManager.default.moveItem(atPath: "\(folder.path)/new.so", toPath: "\(folder.path)/libProbe.so")
        try Self.config.write(toFile: file, atomically: true, encoding: .utf8)
        baton.signal(SIGHUP)
        let log = try await onThread { try baton.readErrors(until: "changed plug-ins need a restart") }
        #expect(log.contains("libProbe.so"))
        #expect(try await get("/", at: port).body == "one true r-7 r-7\n")

        // What a restart would refuse is refused now.
        try Data("text".utf8).write(to: URL(filePath: "\(folder.path)/libProbe.so"), options: .atomic)
        baton.signal(SIGHUP)
        let mistakes = try await onThread { try baton.readErrors(until: "is no shared library") }
        #expect(mistakes.contains("configuration not reloaded"))
        #expect(try await get("/", at: port).body == "one true r-7 r-7\n")
        baton.signal(SIGTERM)
        _ = try await onThread { try baton.waitForEnd() }
    }

    @Test func whatCannotBeUsedIsRefusedWithASentence() async throws {
        let folder = try TemporaryFolder()
        func path(_ name: String) -> String { "\(folder.path)/\(name).so" }
        try await BuiltPlugin.compile(Self.probe(), module: "ProbePlugin", into: path("right"))
        let right = try Data(contentsOf: URL(filePath: path("right")))
        for (name, old, new) in [
            ("version", "version 0.1.0", "version 9.9.9"), ("build", "mark build ", "mark guild "),
            ("wants", "receive_5marks", "receive_5xarks"),
        ] {
            var changed = right
            while let hit = changed.range(of: Data(old.utf8)) { changed.replaceSubrange(hit, with: Data(new.utf8)) }
            try changed.write(to: URL(filePath: path(name)))
        }
        try right.prefix(right.count / 2).write(to: URL(filePath: path("half")))
        try right.write(to: URL(filePath: path("again")))
        let refusing = Self.probe()
            .replacing(
                "LoadablePlugin.handOver(Probe.self)",
                with:
                    "CommandLine.arguments.isEmpty ? LoadablePlugin.handOver(Probe.self) : LoadablePlugin.refuse(\"no license\")"
            )
        try await BuiltPlugin.compile(refusing, module: "RefusingPlugin", into: path("refusing"))
        try await BuiltPlugin.compile(Self.probe(handingOver: ""), module: "EmptyPlugin", into: path("empty"))
        let builtIn = Self.probe().replacing("name = \"probe\"", with: "name = \"auth\"")
        try await BuiltPlugin.compile(builtIn, module: "AuthPlugin", into: path("auth"))

        let names = ["right", "version", "build", "wants", "half", "again", "refusing", "empty", "auth"]
        let config = "chain: [probe]\nplugins:\n" + names.map { "  - \($0).so\n" }.joined()
        try config.write(toFile: "\(folder.path)/config.yml", atomically: true, encoding: .utf8)
        let check = try await BatonProcess.run(["check", "-c", "\(folder.path)/config.yml"], config: nil)
        let lines = check.errors.split(separator: "\n").map { $0.replacing("\(folder.path)/", with: "") }
        let expected = [
            "config.yml:4:5: plugins.1: version.so: was built for Baton 9.9.9, and this is Baton 0.1.0: build it against that",
            "config.yml:5:5: plugins.2: build.so: is of the build unknown, and this Baton of the build ",
            "config.yml:6:5: plugins.3: wants.so: cannot be loaded: ",
            "config.yml:7:5: plugins.4: half.so: is cut off, or damaged: copy or build it again",
            "config.yml:8:5: plugins.5: again.so: it has a middleware \"probe\", and so has right.so: rename one of them",
            "config.yml:9:5: plugins.6: refusing.so: cannot be of use here: no license",
            "config.yml:10:5: plugins.7: empty.so: hands nothing over",
            "config.yml:11:5: plugins.8: auth.so: it has a middleware \"auth\", and so has this program: rename one of them",
        ]
        #expect(check.status == 1)
        #expect(lines.count == expected.count, "\(check.errors)")
        for (line, beginning) in zip(lines, expected) { #expect(line.hasPrefix(beginning), "\(line)") }
    }
}
