import Foundation

/// A folder for the files of one test, which goes away with it.
public final class TemporaryFolder: Sendable {
    /// Where it is.
    public let path = FileManager.default.temporaryDirectory.path + "/baton-\(UUID().uuidString)"

    /// An empty folder.
    ///
    /// - Throws: Where it cannot be made.
    public init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The names of the files that are in it.
    public var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }

    /// Writes a file, and gives it a time of last change.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - content: Its content.
    ///   - modified: Seconds since 1970.
    /// - Returns: Its path.
    /// - Throws: Where it cannot be written.
    public func file(_ name: String, _ content: some Collection<UInt8>, modified: Int = 784_111_777) throws -> String {
        let file = "\(path)/\(name)"
        guard FileManager.default.createFile(atPath: file, contents: Data(content)) else {
            throw CocoaError(.fileWriteUnknown)
        }
        let date = Date(timeIntervalSince1970: TimeInterval(modified))
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file)
        return file
    }
}
