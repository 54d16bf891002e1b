import Foundation
import Middleware

/// A file that `plugins` names, as it is now.
struct PluginFile {
    /// What tells two files apart, however they are called, and one file from what it was before.
    struct Identity: Hashable {
        let device: Int
        let node: Int
        let size: Int
        let changed: Date
    }

    /// The C name of the function that hands over the middleware.
    static let entryPoint = "baton_plugin"

    /// The path as the system knows it, with a slash in front.
    let path: String
    let identity: Identity

    /// Looks for a file.
    ///
    /// - Parameter path: Absolute, or relative to the working folder.
    /// - Throws: ``PluginFault`` where nothing is there, or something else than a file.
    init(path: String) throws(PluginFault) {
        let url = URL(filePath: path).resolvingSymlinksInPath()
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: url.path) else {
            throw PluginFault(.unreadable, "there is no such file; \(Self.pathAdvice)")
        }
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            throw PluginFault(.notALibrary, "is no file")
        }
        self.path = url.path
        identity = Identity(
            device: (attributes[.systemNumber] as? NSNumber)?.intValue ?? 0,
            node: (attributes[.systemFileNumber] as? NSNumber)?.intValue ?? 0,
            size: (attributes[.size] as? NSNumber)?.intValue ?? 0,
            changed: attributes[.modificationDate] as? Date ?? .distantPast
        )
    }

    private static let pathAdvice = "a relative path is looked for beside the configuration file"

    /// Reads the file, and finds out without loading it whether this program can.
    ///
    /// - Parameters:
    ///   - marks: The marks that it must have.
    ///   - isOffered: Whether this program offers a name to what it loads.
    /// - Throws: ``PluginFault`` with the reason why not.
    func examine(
        marks: [String] = LoadablePlugin.marks,
        isOffered: (String) -> Bool = DynamicLibrary.isOffered
    ) throws(PluginFault) {
        guard identity.size <= 512 << 20 else { throw PluginFault(.notALibrary, "is larger than 512 MiB") }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw PluginFault(.unreadable, "cannot be read: see to its permissions")
        }
        let library = try ELFFile(data)
        guard library.symbols.contains(where: { $0.isDefined && $0.name == Self.entryPoint }) else {
            throw PluginFault(
                .notAPlugin,
                """
                has no entry point: `@c(\(Self.entryPoint)) public func plugin() { LoadablePlugin.handOver(...) }`, as \
                `baton new plugin` writes it
                """
            )
        }
        // What it was built for explains whatever else is wrong with it.
        try PluginMarks(library).check(against: marks)
        try Self.checkSanitizers(library.symbols, isOffered)
        try Self.checkCopies(library.symbols, isOffered)
    }

    private static func checkSanitizers(
        _ symbols: [ELFFile.Symbol],
        _ isOffered: (String) -> Bool
    ) throws(PluginFault) {
        for (start, name) in [("__asan_init", "AddressSanitizer"), ("__tsan_init", "ThreadSanitizer")] {
            let has = symbols.contains { $0.name == start }
            guard has != isOffered(start) else { continue }
            let advice = has ? "with \(name), and this Baton without" : "without \(name), and this Baton with it"
            throw PluginFault(.otherBuild, "was built \(advice): build both in the same way")
        }
    }

    /// A type that is there twice is two types: what one has put into a context, the other does not find.
    private static func checkCopies(_ symbols: [ELFFile.Symbol], _ isOffered: (String) -> Bool) throws(PluginFault) {
        let copies = symbols.filter { symbol in
            // The descriptions of types; those of C types are everywhere, and known to be the same.
            symbol.isDefined && !symbol.isWeak && symbol.name.hasPrefix("$s") && symbol.name.hasSuffix("Mn")
                && !symbol.name.hasPrefix("$sSo") && isOffered(symbol.name)
        }
        guard !copies.isEmpty else { return }
        let modules = Set(copies.map { module(of: $0.name) }).sorted()
        // With Baton comes all that Baton uses: these names would hide the reason.
        let own = modules.filter { ["Baton", "ContextPool", "EventServer", "Middleware"].contains($0) }
        throw PluginFault(
            .copy,
            """
            brings \((own.isEmpty ? modules : own).joined(separator: ", ")), which this Baton has already: let its target \
            depend on the product baton and not on these, and let no module of its own have such a name
            """
        )
    }

    /// The module in the mangled name of a type: a length and so many letters.
    ///
    /// - Parameter symbol: The name; one of another form is returned as it is.
    /// - Returns: The name of the module.
    private static func module(of symbol: String) -> String {
        let rest = symbol.dropFirst(2)
        let figures = rest.prefix { $0.isASCII && $0.isNumber }
        guard let length = Int(figures), length > 0 else { return symbol }
        return String(rest.dropFirst(figures.count).prefix(length))
    }
}
