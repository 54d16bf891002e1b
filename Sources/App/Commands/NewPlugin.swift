import ArgumentParser
import Baton
import Foundation

/// The command `baton new plugin`.
struct NewPlugin: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin",
        abstract: "Writes a package with a middleware in a library, which a server loads without being built anew.",
        discussion: """
            What it writes compiles and passes its tests; change it from there. Nothing is overwritten. A server names the \
            built library in config.yml: plugins: [./plugins/libTenantID.so]
            """
    )

    @Argument(help: "What config.yml calls the middleware, in kebab-case: tenant-id.")
    var name: MiddlewareName

    @Option(help: "The folder of the new package (default: the name and -plugin).")
    var into: String?

    @Option(help: "The folder of Baton's sources (default: those that this program was built in).")
    var baton: String?

    func validate() throws {
        if let objection = name.objection ?? PluginTemplate.objection(to: name) {
            throw ValidationError("'\(name.kebab)' cannot be used: \(objection)")
        }
    }

    func run() throws {
        let folder = into ?? "\(name.kebab)-plugin"
        let template = PluginTemplate(name: name, baton: try findBaton())
        do {
            let written = try NewFiles.write(template.files, into: URL(filePath: folder, directoryHint: .isDirectory))
            let steps = template.nextSteps(in: folder)
            Console.write((written.map { "wrote \(folder)/\($0)" } + [steps]).joined(separator: "\n"))
        } catch {
            throw Console.fail(error)
        }
    }

    /// The absolute path of Baton's package, so that the new one can be moved.
    private func findBaton() throws -> String {
        if let baton {
            let folder = URL(filePath: baton, directoryHint: .isDirectory).standardizedFileURL
            guard Self.isBaton(folder) else {
                throw ValidationError("\(baton) has no Package.swift of Baton: say with --baton where its sources are.")
            }
            return Self.path(of: folder)
        }
        guard let program = Bundle.main.executableURL?.resolvingSymlinksInPath() else { throw Self.unknown }
        var folder = program.deletingLastPathComponent()
        // .build/x86_64-unknown-linux-gnu/release is three folders deep; there is nothing to be found far above.
        for _ in 0..<6 {
            if Self.isBaton(folder) { return Self.path(of: folder) }
            folder.deleteLastPathComponent()
        }
        throw Self.unknown
    }

    private static let unknown = ValidationError(
        "this program does not stand where it was built: say with --baton where the sources of Baton are."
    )

    private static func isBaton(_ folder: URL) -> Bool {
        let manifest = try? String(contentsOf: folder.appending(path: "Package.swift"), encoding: .utf8)
        return manifest?.contains("name: \"baton\",\n    products:") == true
    }

    private static func path(of folder: URL) -> String {
        let path = folder.path
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
