import Baton
import Foundation

/// Writes what `baton new` makes.
enum NewFiles {
    /// Writes all files, or none where one of them is there already.
    ///
    /// - Parameters:
    ///   - files: The files.
    ///   - folder: What their paths are relative to; made where it is missing.
    /// - Returns: Their paths.
    /// - Throws: `OptionsError` for a file that is there already, and what the file system says.
    static func write(_ files: [MiddlewareTemplate.File], into folder: URL) throws -> [String] {
        for file in files where FileManager.default.fileExists(atPath: folder.appending(path: file.path).path) {
            let advice = "remove it, or choose another name"
            throw OptionsError("\(file.path) is there already, and nothing was written: \(advice).")
        }
        for file in files {
            let url = folder.appending(path: file.path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            // The file may have come into being since.
            try Data(file.text.utf8).write(to: url, options: .withoutOverwriting)
        }
        return files.map(\.path)
    }
}
