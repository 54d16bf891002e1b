import Foundation

/// A shared library that is nothing but what a reader looks at.
struct CraftedLibrary {
    var machine: UInt16 = 62
    var type: UInt16 = 3
    var wordSize: UInt8 = 2
    var order: UInt8 = 1
    /// The names of its symbols; those that begin with `?` are wanted, those with `~` are weak.
    var symbols = ["baton_plugin", "?$s10Middleware14LoadablePluginO"]
    var texts = ["baton-plugin-mark version 1\n", "baton-plugin-mark compiler 2\n", "baton-plugin-mark build debug\n"]

    /// In this order: header, one program header, texts, symbols, names, three section headers.
    var data: Data {
        let text = Data(texts.joined(separator: "\0").utf8)
        var names = Data([0])
        var table = Data(count: 24)
        for symbol in symbols {
            let name = symbol.drop { $0 == "?" || $0 == "~" }
            table.append(number: UInt32(names.count))
            table.append(contentsOf: [symbol.hasPrefix("~") ? 0x20 : 0x10, 0])
            table.append(number: UInt16(symbol.hasPrefix("?") ? 0 : 1))
            table.append(Data(count: 16))
            names.append(contentsOf: Data(name.utf8) + [0])
        }
        let (textStart, tableStart) = (UInt64(64 + 56), UInt64(64 + 56 + text.count))
        let nameStart = tableStart + UInt64(table.count)
        var file = Data([0x7F, 0x45, 0x4C, 0x46, wordSize, order, 1] + [UInt8](repeating: 0, count: 9))
        file.append(number: type)
        file.append(number: machine)
        file.append(number: UInt32(1))
        for number in [0, 64, nameStart + UInt64(names.count)] { file.append(number: number) }
        file.append(number: UInt32(0))
        for number in [64, 56, 1, 64, 3, 0] as [UInt16] { file.append(number: number) }
        file.append(number: UInt32(1))
        file.append(number: UInt32(4))
        let length = UInt64(text.count)
        for number in [textStart, textStart, 0, length, length, 8] { file.append(number: number) }
        file += text + table + names
        file.append(Data(count: 64))
        file.append(section: 11, at: tableStart, count: table.count, link: 2)
        file.append(section: 3, at: nameStart, count: names.count, link: 0)
        return file
    }
}

extension Data {
    fileprivate mutating func append(number: some FixedWidthInteger & UnsignedInteger) {
        var rest = UInt64(number)
        for _ in 0..<(number.bitWidth / 8) {
            append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    fileprivate mutating func append(section kind: UInt32, at place: UInt64, count: Int, link: UInt32) {
        append(number: UInt32(0))
        append(number: kind)
        append(Data(count: 16))
        append(number: place)
        append(number: UInt64(count))
        append(number: link)
        append(Data(count: 20))
    }
}
