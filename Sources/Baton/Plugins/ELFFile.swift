import Foundation

/// What a shared library says of itself, read from its bytes without loading it.
///
/// Loading runs code of the file. So what can be known is read first, and with distrust: every offset, size and count is
/// held against the length of the file.
struct ELFFile {
    /// A name that the library offers to others, or wants from them.
    struct Symbol: Equatable {
        let name: String
        /// Whether it is here; others are wanted.
        let isDefined: Bool
        /// Whether another library may have it as well.
        let isWeak: Bool
    }

    /// The symbols that a loader sees.
    let symbols: [Symbol]
    /// The parts that are loaded.
    ///
    /// Texts of the program stand in any of them: not every linker keeps constants apart.
    private let parts: [Range<Int>]
    private let bytes: ELFBytes

    /// - Parameters:
    ///   - data: The whole file.
    ///   - machine: The processor that it must be for.
    /// - Throws: ``PluginFault`` for what is no whole shared library for this processor.
    init(_ data: Data, machine: Machine = .own) throws(PluginFault) {
        bytes = ELFBytes(data)
        guard data.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
            throw PluginFault(.notALibrary, "is no shared library: those begin with the letters ELF")
        }
        // The class and the byte order stand in front of everything whose place depends on them.
        guard try bytes.number(at: 4, as: UInt8.self) == 2, try bytes.number(at: 5, as: UInt8.self) == 1 else {
            throw PluginFault(.notALibrary, "is no 64-bit library with the lowest byte first, as \(machine) has them")
        }
        let found = try bytes.number(at: 18, as: UInt16.self)
        guard found == machine.rawValue else {
            let name = Machine(rawValue: found).map(\.description) ?? "another processor (\(found))"
            throw PluginFault(.notALibrary, "is for \(name), and this Baton for \(machine)")
        }
        guard try bytes.number(at: 16, as: UInt16.self) == 3 else {
            throw PluginFault(.notALibrary, "is no shared library: its product must be of the type .dynamic")
        }
        parts = try Self.parts(in: bytes)
        symbols = try Self.symbols(in: bytes)
    }

    /// Finds the texts that begin with a prefix and go on to the end of the line.
    ///
    /// - Parameter prefix: What they begin with.
    /// - Returns: The texts without prefix and end, in the order of the file; at most a hundred.
    func lines(beginningWith prefix: String) -> [String] {
        let wanted = Data(prefix.utf8)
        var found: [String] = []
        for part in parts {
            var rest = part
            while found.count < 100, let hit = bytes.data.range(of: wanted, in: rest) {
                rest = hit.upperBound..<part.upperBound
                let line = bytes.data[rest].prefix(64).prefix { $0 != 0x0A && $0 >= 0x20 && $0 < 0x7F }
                found.append(String(decoding: line, as: UTF8.self))
            }
        }
        return found
    }

    /// The loaded parts, all of which must lie within the file: the loader maps them without looking, and the process would
    /// die of the first touch behind the end.
    private static func parts(in bytes: ELFBytes) throws(PluginFault) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        let table = try ELFTable(bytes, start: 32, stride: 54, count: 56)
        guard table.stride == 56, table.count > 0 else { throw .damaged }
        for index in 0..<table.count {
            let entry = table.place(of: index)
            guard try bytes.number(at: entry, as: UInt32.self) == 1 else { continue }
            parts.append(
                try bytes.range(
                    at: try bytes.number(at: entry + 8, as: UInt64.self),
                    count: try bytes.number(at: entry + 32, as: UInt64.self)
                )
            )
        }
        return parts
    }

    private static func symbols(in bytes: ELFBytes) throws(PluginFault) -> [Symbol] {
        let table = try ELFTable(bytes, start: 40, stride: 58, count: 60)
        guard table.count > 0 else {
            throw PluginFault(.damaged, "has no table of its sections: leave it as the linker wrote it")
        }
        guard table.stride == 64 else { throw .damaged }
        var symbols: [Symbol] = []
        var letters = 0
        for index in 0..<table.count {
            let entry = table.place(of: index)
            let kind = try bytes.number(at: entry + 4, as: UInt32.self)
            // Empty entries, and memory that has no bytes in the file.
            guard kind != 0, kind != 8 else { continue }
            let section = try bytes.range(
                at: try bytes.number(at: entry + 24, as: UInt64.self),
                count: try bytes.number(at: entry + 32, as: UInt64.self)
            )
            guard kind == 11 else { continue }
            let link = Int(try bytes.number(at: entry + 40, as: UInt32.self))
            guard link < table.count else { throw .damaged }
            let names = table.place(of: link)
            let texts = try bytes.range(
                at: try bytes.number(at: names + 24, as: UInt64.self),
                count: try bytes.number(at: names + 32, as: UInt64.self)
            )
            // The first one is empty by definition.
            for place in stride(from: section.lowerBound, to: section.upperBound - 23, by: 24).dropFirst() {
                let symbol = try symbol(at: UInt64(place), in: bytes, texts)
                // Names may overlap, so a small file can have any amount of them.
                letters += symbol.name.utf8.count + 1
                guard letters <= 64 << 20 else { throw .damaged }
                symbols.append(symbol)
            }
        }
        return symbols
    }

    private static func symbol(
        at place: UInt64,
        in bytes: ELFBytes,
        _ texts: Range<Int>
    ) throws(PluginFault) -> Symbol {
        Symbol(
            name: try bytes.text(at: try bytes.number(at: place, as: UInt32.self), in: texts),
            isDefined: try bytes.number(at: place + 6, as: UInt16.self) != 0,
            isWeak: try bytes.number(at: place + 4, as: UInt8.self) >> 4 == 2
        )
    }
}

/// A processor, by its number in the file.
enum Machine: UInt16, CustomStringConvertible {
    case x86 = 3
    case arm = 40
    case amd64 = 62
    case aarch64 = 183
    case riscv = 243

    /// The one that this program runs on.
    static var own: Machine {
        #if arch(arm64)
        .aarch64
        #else
        .amd64
        #endif
    }

    var description: String {
        switch self {
        case .x86: "x86"
        case .arm: "ARM"
        case .amd64: "x86-64"
        case .aarch64: "AArch64"
        case .riscv: "RISC-V"
        }
    }
}
