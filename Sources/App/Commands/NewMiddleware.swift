import ArgumentParser
import Baton
import Foundation

/// The command `baton new middleware`.
struct NewMiddleware: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "middleware",
        abstract: "Writes a middleware with two options, its tests and its paragraph of documentation into a package.",
        discussion: "What it writes compiles and passes its tests; change it from there. Nothing is overwritten."
    )

    @Argument(help: "What config.yml calls it, in kebab-case: tenant-id.")
    var name: MiddlewareName

    @Option(help: "The folder of the package.")
    var into = "."

    @Option(help: "The target; needed where the package has several.")
    var target: String?

    func validate() throws {
        if let objection = name.objection { throw ValidationError("'\(name.kebab)' cannot be used: \(objection)") }
    }

    func run() throws {
        let template = MiddlewareTemplate(name: name, target: try findTarget())
        do {
            let written = try NewFiles.write(template.files, into: URL(filePath: into, directoryHint: .isDirectory))
            Console.write((written.map { "wrote \($0)" } + [template.nextSteps]).joined(separator: "\n"))
        } catch {
            throw Console.fail(error)
        }
    }

    /// The one target below `Sources`, unless somebody says which.
    private func findTarget() throws -> String {
        let sources = URL(filePath: into, directoryHint: .isDirectory).appending(path: "Sources")
        guard let entries = try? FileManager.default.contentsOfDirectory(at: sources, includingPropertiesForKeys: nil)
        else { throw ValidationError("\(into) has no folder Sources: say with --into where the package is.") }
        let targets = entries.filter(\.hasDirectoryPath).map(\.lastPathComponent).sorted()
        if let target {
            guard targets.contains(target) else {
                throw ValidationError("\(into)/Sources has no \(target), only \(targets.joined(separator: ", ")).")
            }
            return target
        }
        guard targets.count == 1 else {
            let found = targets.isEmpty ? "nothing" : targets.joined(separator: ", ")
            throw ValidationError("say with --target which target it is for: \(into)/Sources has \(found).")
        }
        return targets[0]
    }
}
