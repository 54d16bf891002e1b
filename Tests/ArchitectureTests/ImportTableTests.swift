import Foundation
import Testing

/// The house has walls: who may import whom is a table, and the sources are held against it.
@Suite struct ImportTableTests {
    /// What a module may import, anywhere and in certain folders only.
    private static let table: [String: Room] = [
        "EventServer": Room(
            ["HTTPTypes", "Logging", "ServiceLifecycle", "Synchronization"],
            inFolder: ["Libevent": ["CLibevent"]]
        ),
        "ContextPool": Room(["Synchronization"], inFolder: ["Threads": ["Glibc"]]),
        // All of it is a door to three C libraries; see docs/decisions/013-codings-are-a-room.md.
        "Codings": Room(["CBrotli", "CZlib", "CZstd", "Synchronization"]),
        // For tests, of ours and of others: it must be usable with every test library, so it imports none.
        "ContextPoolTesting": Room(["ContextPool", "Synchronization"]),
        "Middleware": Room(
            [
                "Codings", "ContextPool", "Crypto", "EventServer", "Foundation", "HTTPTypes", "JWTKit", "Logging",
                "Metrics",
                "Synchronization", "Tracing",
            ],
            inFolder: ["Libcrypt": ["CCrypt"]]
        ),
        "Baton": Room(
            [
                "Configuration", "ContextPool", "Dispatch", "EventServer", "Foundation", "HTTPTypes", "Logging",
                "Middleware", "ServiceLifecycle", "Synchronization", "UnixSignals", "Yams",
            ],
            inFolder: ["Loading": ["Glibc"]]
        ),
        "MiddlewareTesting": Room([
            "Baton", "ContextPool", "EventServer", "Foundation", "HTTPTypes", "Logging", "Middleware",
            "Synchronization",
        ]),
        "App": Room(["ArgumentParser", "Baton", "Foundation", "Synchronization"]),
    ]

    private struct Room: Sendable {
        let everywhere: Set<String>
        let inFolder: [String: Set<String>]

        init(_ everywhere: Set<String>, inFolder: [String: Set<String>] = [:]) {
            self.everywhere = everywhere
            self.inFolder = inFolder
        }

        func allows(_ module: String, in file: SourceFile) -> Bool {
            everywhere.contains(module) || file.folders.contains { inFolder[$0]?.contains(module) == true }
        }
    }

    @Test func everyImportStandsInTheTable() throws {
        for file in try SourceFile.all {
            let room = try #require(Self.table[file.module], "\(file.path): the table has no row for this module")
            for module in file.imports {
                #expect(room.allows(module, in: file), "\(file.path) must not import \(module)")
            }
        }
    }

    @Test func everyModuleOfTheTableHasSources() throws {
        let modules = Set(try SourceFile.all.map(\.module))
        #expect(modules == Set(Self.table.keys))
    }

    @Test func serverAndContextsMeetInOneFileOnly() throws {
        // Others may name the types of both; only one makes a context of a request.
        let meeting = try SourceFile.all.filter { file in
            file.module == "Middleware" && file.lines.contains { $0.contains(": Responder {") }
        }
        #expect(meeting.map(\.name) == ["ContextResponder.swift"])
    }

    @Test func unsafeCodeStaysInItsRooms() throws {
        let rooms = [
            "EventServer/Libevent", "ContextPool/Threads", "Middleware/Libcrypt", "Sources/Codings/",
            "Sources/Baton/Loading/",
        ]
        for file in try SourceFile.all where !rooms.contains(where: { file.path.contains($0) }) {
            for (number, line) in file.code where line.contains(/\bunsafe\b|@unchecked|nonisolated\(unsafe\)|@safe\b/) {
                Issue.record("\(file.path):\(number): unsafe code belongs into \(rooms)")
            }
        }
    }

    /// On the line; above it where the line is full.
    @Test func unsafeCodeHasItsReasonBesideIt() throws {
        let rooms = ["Sources/Codings/", "Sources/Baton/Loading/", "Sources/Middleware/Libcrypt/"]
        for file in try SourceFile.all where rooms.contains(where: file.path.hasPrefix) {
            for (number, line) in file.code where line.contains(/\bunsafe\b/) && !line.contains("//") {
                let above = file.lines[max(0, number - 2)].drop { $0 == " " }
                #expect(above.hasPrefix("//"), "\(file.path):\(number): say why this is safe")
            }
        }
    }

    @Test func everyUncheckedConformanceHasItsReasonOnTheLine() throws {
        for file in try SourceFile.all {
            for (number, line) in file.code where line.contains("@unchecked") {
                #expect(line.contains("//"), "\(file.path):\(number): say what protects the state")
            }
        }
    }

    @Test func noFileOfOursTrapsOnPurpose() throws {
        for file in try SourceFile.all {
            for (number, line) in file.code
            where line.contains(/\btry!|\bas!|\bfatalError\(|\bpreconditionFailure\(|\bprecondition\(/) {
                Issue.record("\(file.path):\(number): a trap ends the process for every client")
            }
        }
    }

    /// One that asked before it would be told of the proxy: its plug-in belongs into the rules of `proxy-headers`, and then in here.
    @Test func whoAsksForTheClientStandsBehindProxyHeaders() throws {
        let asking = try SourceFile.all.filter { file in
            file.path.hasPrefix("Sources/Middleware/")
                && file.code.contains { $0.line.contains(/\.client(Address|Scheme|Authority)/) }
        }
        let behind = [
            "AccessLine.swift", "CSRFMiddleware.swift", "RateLimitMiddleware.swift", "SecurityHeadersMiddleware.swift",
            "TracingMiddleware.swift",
        ]
        // The routes are behind the chain of all in any case.
        #expect(asking.map(\.name).sorted() == (behind + ["RouteTable.swift"]).sorted())
    }

    @Test func filesAreShort() throws {
        for file in try SourceFile.all + SourceFile.tests {
            #expect(file.lines.count <= 400, "\(file.path) has \(file.lines.count) lines")
        }
    }
}
