import Foundation
import TestSupport
import Testing

@testable import Baton

@Suite(.timeLimit(.minutes(1))) struct ELFFileTests {
    private func read(_ library: CraftedLibrary) throws(PluginFault) -> ELFFile {
        try ELFFile(library.data, machine: .amd64)
    }

    @Test func symbolsAndTextsAreFound() throws {
        let file = try read(CraftedLibrary(symbols: ["a", "?b", "~c"]))
        #expect(file.symbols.map(\.name) == ["a", "b", "c"])
        #expect(file.symbols.map(\.isDefined) == [true, false, true])
        #expect(file.symbols.map(\.isWeak) == [false, false, true])
        #expect(file.lines(beginningWith: "baton-plugin-mark ") == ["version 1", "compiler 2", "build debug"])
        #expect(file.lines(beginningWith: "nothing") == [])
    }

    @Test func aSliceOfOtherBytesIsReadAsWell() throws {
        let data = CraftedLibrary().data
        let slice = (Data(count: 7) + data)[7...]
        #expect(try ELFFile(slice, machine: .amd64).symbols.count == 2)
    }

    @Test func whatIsNoLibraryForThisMachineIsToldSo() throws {
        let cases: [(CraftedLibrary, String)] = [
            (CraftedLibrary(machine: 183), "is for AArch64, and this Baton for x86-64"),
            (CraftedLibrary(machine: 4711), "is for another processor (4711)"),
            (CraftedLibrary(type: 1), "is no shared library: its product must be of the type .dynamic"),
            (CraftedLibrary(wordSize: 1), "is no 64-bit library"), (CraftedLibrary(order: 2), "is no 64-bit library"),
        ]
        for (library, sentence) in cases {
            let fault = #expect(throws: PluginFault.self) { try read(library) }
            #expect(fault?.code == .notALibrary)
            #expect(fault?.description.hasPrefix(sentence) == true, "\(fault?.description ?? "")")
        }
        let text = #expect(throws: PluginFault.self) { try ELFFile(Data("#!/bin/sh\n".utf8)) }
        #expect(text?.description == "is no shared library: those begin with the letters ELF")
    }

    @Test func aFileThatIsCutOffAnywhereIsRefused() throws {
        let data = CraftedLibrary().data
        for count in 0..<data.count {
            #expect(throws: PluginFault.self, "\(count) of \(data.count) bytes") {
                try ELFFile(data.prefix(count), machine: .amd64)
            }
        }
    }

    @Test func noChangedByteIsATrap() throws {
        let data = CraftedLibrary().data
        var isRead = 0
        for place in data.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
                var damaged = data
                damaged[place] = value
                guard let file = try? ELFFile(damaged, machine: .amd64) else { continue }
                isRead += file.lines(beginningWith: "baton").isEmpty ? 0 : 1
            }
        }
        #expect(isRead > 0)
    }

    @Test func noMixtureOfNumbersIsATrap() throws {
        var random = SeededGenerator(seed: 7)
        let data = CraftedLibrary().data
        let numbers: [UInt64] = [0, 1, 63, 1 << 31, 1 << 32 - 1, 1 << 63, .max, .max - 23, UInt64(data.count)]
        for _ in 0..<3000 {
            var damaged = data
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 16..<(damaged.count - 8), using: &random)
                let number = numbers.randomElement(using: &random) ?? 0
                for offset in 0..<8 { damaged[place + offset] = UInt8(truncatingIfNeeded: number >> (8 * offset)) }
            }
            _ = try? ELFFile(damaged, machine: .amd64).lines(beginningWith: "baton")
        }
    }

    @Test func namesThatOverlapCannotFillTheMemory() throws {
        // Every symbol has the same name of 60,000 letters: a thousandfold of what the file has.
        let symbols = [String(repeating: "a", count: 60_000)] + [String](repeating: "b", count: 1200)
        var data = CraftedLibrary(symbols: symbols).data
        let start = 64 + 56 + CraftedLibrary().texts.joined(separator: "\0").utf8.count
        for place in (1...1201).map({ start + 24 * $0 }) {
            data.replaceSubrange(place..<(place + 4), with: [1, 0, 0, 0])
        }
        let fault = #expect(throws: PluginFault.self) { try ELFFile(data, machine: .amd64) }
        #expect(fault?.code == .damaged)
    }

    @Test func aLibraryOfTheSystemIsRead() throws {
        // A real linker's work, which is on every machine.
        let folders = ["/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib64", "/usr/lib"]
        let path = try #require(folders.map { "\($0)/libc.so.6" }.first { FileManager.default.fileExists(atPath: $0) })
        let file = try ELFFile(try Data(contentsOf: URL(filePath: path)))
        #expect(file.symbols.contains { $0.name == "malloc" && $0.isDefined })
    }
}
