import Foundation

/// Flask-Threads, the pool that ContextPool translates, measured by a script of its own in a Python of its own.
struct FlaskThreads {
    static let name = "Flask-Threads"

    private let folder: URL
    private let script: URL

    /// Installs Flask and Flask-Threads into a temporary folder; `nil`, with a word, where that cannot be done.
    init?() {
        let scripts = URL(filePath: #filePath).appending(path: "../../../python").standardized
        script = scripts.appending(path: "flask_threads.py")
        folder = FileManager.default.temporaryDirectory.appending(path: "flask-threads-\(UUID().uuidString)")
        do {
            _ = try Self.output(of: scripts.appending(path: "setup.sh"), [folder.path])
        } catch {
            print("Flask-Threads is left out: \(error)\n")
            remove()
            return nil
        }
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    func contender(_ work: String, workers: Int) -> Contender {
        Contender(name: "\(Self.name) of \(workers)") {
            let python = folder.appending(path: "bin/python")
            let output = try Self.output(of: python, [script.path, work, "\(workers)"])
            let figures = try JSONDecoder().decode(Figures.self, from: output)
            guard let wall = figures.wall, let cpu = figures.cpu else {
                throw Failed(description: figures.failure ?? "no figures")
            }
            return Sample(wall: wall, cpu: cpu)
        }
    }

    private struct Figures: Decodable {
        var wall: Double?
        var cpu: Double?
        var failure: String?
    }

    private static func output(of program: URL, _ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(description: "\(program.lastPathComponent) failed, see above")
        }
        return output
    }

    private struct Failed: Error, CustomStringConvertible {
        let description: String
    }
}
