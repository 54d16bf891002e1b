import Foundation

/// A folder for the files of one test, which goes away with it.
final class TemporaryFolder: Sendable {
    let path = FileManager.default.temporaryDirectory.path + "/baton-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, and gives it a time of last change.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - content: Its content.
    ///   - modified: Seconds since 1970.
    /// - Returns: Its path.
    /// - Throws: Where it cannot be written.
    func file(_ name: String, _ content: some Collection<UInt8>, modified: Int = 784_111_777) throws -> String {
        let file = "\(path)/\(name)"
        guard FileManager.default.createFile(atPath: file, contents: Data(content)) else {
            throw CocoaError(.fileWriteUnknown)
        }
        let date = Date(timeIntervalSince1970: TimeInterval(modified))
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file)
        return file
    }
}
