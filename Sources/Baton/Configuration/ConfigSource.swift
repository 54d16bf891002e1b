import Foundation

/// Where a configuration comes from, so that it can be read again.
struct ConfigSource: Sendable {
    private static let sizeLimit = 4 << 20

    /// What errors call the file.
    let file: String
    let options: [String: String]
    let environment: [String: String]
    private let text: @Sendable () throws(ConfigurationError) -> String

    init(
        file: String,
        options: [String: String],
        environment: [String: String],
        text: @escaping @Sendable () throws(ConfigurationError) -> String
    ) {
        self.file = file
        self.options = options
        self.environment = environment
        self.text = text
    }

    /// The text as it is now.
    func read() throws(ConfigurationError) -> String { try text() }

    /// What a configuration is made of.
    struct Content: Equatable {
        let text: String
        /// When the files that it names were changed, and how long they are; those that are there.
        let files: [String: Stamp]

        struct Stamp: Equatable {
            let changed: Date?
            let size: UInt64?
            let inode: UInt64?
        }
    }

    /// All of it as it is now; `nil` where the text cannot be read.
    func look() -> Content? {
        guard let text = try? read() else { return nil }
        let paths = ConfigReferences.paths(in: text, folder: ConfigFile.folder(of: file))
        let files = paths.compactMap { path in Self.stamp(of: path).map { (path, $0) } }
        return Content(text: text, files: Dictionary(files) { first, _ in first })
    }

    private static func stamp(of path: String) -> Content.Stamp? {
        // A link is followed: what it leads to is what changes.
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: target) else { return nil }
        return Content.Stamp(
            changed: attributes[.modificationDate] as? Date,
            size: (attributes[.size] as? NSNumber)?.uint64Value,
            inode: (attributes[.systemFileNumber] as? NSNumber)?.uint64Value
        )
    }

    /// A file.
    static func file(_ path: String, options: [String: String], environment: [String: String]) -> ConfigSource {
        ConfigSource(file: path, options: options, environment: environment) { () throws(ConfigurationError) in
            let target = URL(filePath: path).resolvingSymlinksInPath().path
            let size = (try? FileManager.default.attributesOfItem(atPath: target))?[.size] as? NSNumber
            guard size?.intValue ?? 0 <= sizeLimit else {
                let message = "the file is larger than 4 MiB, and so most likely no configuration"
                throw ConfigurationError([ConfigProblem(file: path, message: message)])
            }
            do {
                return try String(contentsOfFile: path, encoding: .utf8)
            } catch {
                let message =
                    "the file cannot be read. Name another one with --config, or begin with a copy of Baton's own."
                throw ConfigurationError([ConfigProblem(file: path, message: message)])
            }
        }
    }
}
