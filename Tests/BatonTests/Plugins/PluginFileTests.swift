import Foundation
import TestSupport
import Testing

@testable import Baton

@Suite(.timeLimit(.minutes(1))) struct PluginFileTests {
    private static let marks = [
        "baton-plugin-mark version 1\n", "baton-plugin-mark compiler 2\n", "baton-plugin-mark build debug\n",
    ]

    /// Why a library cannot be loaded; `nil` where it can.
    private func fault(of library: CraftedLibrary, offering offered: Set<String> = []) throws -> PluginFault? {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/libTenant.so"
        var library = library
        library.machine = Machine.own.rawValue
        try library.data.write(to: URL(filePath: path))
        do throws(PluginFault) {
            try PluginFile(path: path).examine(marks: Self.marks) { offered.contains($0) }
            return nil
        } catch {
            return error
        }
    }

    @Test func aPluginOfTheSameBuildIsTaken() throws { #expect(try fault(of: CraftedLibrary()) == nil) }

    @Test(arguments: [
        (0, "version 2", "was built for Baton 2, and this is Baton 1: build it against that"),
        (1, "compiler 6.2", "was built by Swift 6.2, and this Baton by Swift 2: build it with that"),
        (
            2, "build release",
            "is of the build release, and this Baton of the build debug: build it with `swift build -c debug`"
        ),
    ])
    func anotherBuildIsRefusedAndTold(index: Int, mark: String, sentence: String) throws {
        var library = CraftedLibrary()
        library.texts[index] = "baton-plugin-mark \(mark)\n"
        #expect(try fault(of: library) == PluginFault(.otherBuild, sentence))
        // One that was put together of two builds has both marks.
        library.texts = Self.marks + ["baton-plugin-mark \(mark)\n"]
        #expect(try fault(of: library)?.code == .otherBuild)
        library.texts = Self.marks
        library.texts.remove(at: index)
        #expect(try fault(of: library)?.description.contains("unknown") == true)
    }

    @Test func aLibraryWithoutEntryPointOrMarksIsNoPlugin() throws {
        let silent = try #require(try fault(of: CraftedLibrary(symbols: ["?baton_plugin", "other"])))
        #expect(silent.code == .notAPlugin)
        #expect(silent.description.contains("@c(baton_plugin) public func plugin()"))
        let unmarked = try #require(try fault(of: CraftedLibrary(texts: [])))
        #expect(unmarked.description == "was not built against Baton: call LoadablePlugin.handOver in its entry point")
    }

    @Test(arguments: [("__asan_init", "AddressSanitizer"), ("__tsan_init", "ThreadSanitizer")])
    func sanitizersOnOneSideOnlyAreRefused(symbol: String, name: String) throws {
        let sanitized = CraftedLibrary(symbols: ["baton_plugin", "?\(symbol)"])
        let one = try fault(of: sanitized)
        #expect(one?.description == "was built with \(name), and this Baton without: build both in the same way")
        let other = try fault(of: CraftedLibrary(), offering: [symbol])
        #expect(other?.description == "was built without \(name), and this Baton with it: build both in the same way")
        #expect(try fault(of: sanitized, offering: [symbol]) == nil)
    }

    @Test func aCopyOfWhatTheServerHasIsRefused() throws {
        let copy = "$s11ContextPool07RequestA0CMn"
        let library = CraftedLibrary(symbols: ["baton_plugin", copy, "$s3Own6TenantVMn"])
        let found = try #require(try fault(of: library, offering: [copy]))
        #expect(found.code == .copy)
        #expect(found.description.hasPrefix("brings ContextPool, which this Baton has already"))
        let more = CraftedLibrary(symbols: ["baton_plugin", copy, "$s4Yams4NodeVMn"])
        let both = try fault(of: more, offering: [copy, "$s4Yams4NodeVMn"])
        #expect(both?.description.hasPrefix("brings ContextPool, which") == true)
        // What is wanted is no copy, nor are the descriptions of C types, which every module has that uses them.
        let shared = CraftedLibrary(symbols: ["baton_plugin", "?\(copy)", "$sSo8timespecVMn", "~$s1a1bVMn", "$sMn"])
        #expect(try fault(of: shared, offering: [copy, "$sSo8timespecVMn", "$s1a1bVMn"]) == nil)
    }

    @Test func aModuleNameThatLiesAboutItsLengthIsNoTrap() throws {
        for name in ["$sMn", "$s99999999999999999999aMn", "$s0Mn", "$s9aMn"] {
            let library = CraftedLibrary(symbols: ["baton_plugin", name])
            #expect(try fault(of: library, offering: [name])?.code == .copy)
        }
    }

    @Test func onlyFilesAreOpened() throws {
        let folder = try TemporaryFolder()
        #expect(throws: PluginFault(.notALibrary, "is no file")) { try PluginFile(path: folder.path) }
        #expect(throws: PluginFault(.notALibrary, "is no file")) { try PluginFile(path: "/dev/zero") }
        let missing = #expect(throws: PluginFault.self) { try PluginFile(path: "\(folder.path)/libNone.so") }
        #expect(missing?.code == .unreadable)
    }

    @Test func aLinkIsTheFileThatItLeadsTo() throws {
        let folder = try TemporaryFolder()
        try Data("a".utf8).write(to: URL(filePath: "\(folder.path)/a"))
        try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/b", withDestinationPath: "a")
        let (file, link) = (try PluginFile(path: "\(folder.path)/a"), try PluginFile(path: "\(folder.path)/b"))
        #expect(file.identity == link.identity)
        #expect(file.path == link.path)
    }
}
