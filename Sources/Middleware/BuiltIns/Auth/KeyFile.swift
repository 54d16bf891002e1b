import ContextPool
import Foundation
import Logging
import Synchronization

/// A file with keys, which is read anew when it has changed.
///
/// It is looked at once a second at most, and on the pool: by a request that needs the keys then, while others go on with those
/// that are there. A file that cannot be read, or has no keys, changes nothing, and the log says why.
final class KeyFile: Sendable {
    typealias Parsing = @Sendable (Data) async throws(TokenFault) -> [TokenKey]

    /// What tells one content of a file from another.
    private struct Stamp: Equatable {
        var changed: Date?
        var size: Int?
        var inode: String?
    }

    private struct State {
        var keys: [TokenKey] = []
        var stamp: Stamp?
        /// When it was looked at last.
        var looked: Duration
        var isLooking = false
        /// What was wrong the last time; said once.
        var complaint: String?
    }

    private static let interval = Duration.seconds(1)
    private static let sizeLimit = 1 << 20

    private let path: String
    private let logger: Logger
    private let now: @Sendable () -> Duration
    private let parse: Parsing
    private let state: Mutex<State>

    /// Reads the file for the first time.
    ///
    /// - Parameters:
    ///   - path: Where it is.
    ///   - option: The option that names it, for the error.
    ///   - logger: For what is wrong later on.
    ///   - now: The time since some moment.
    ///   - parse: Makes keys of its content.
    /// - Throws: ``OptionsError`` with what is wrong, and no key.
    init(
        _ path: String,
        option: String = "",
        logger: Logger,
        now: @escaping @Sendable () -> Duration,
        parse: @escaping Parsing
    ) async throws(OptionsError) {
        self.path = path
        self.logger = logger
        self.now = now
        self.parse = parse
        state = Mutex(State(looked: now()))
        do {
            let (keys, stamp) = try await read()
            state.withLock { ($0.keys, $0.stamp) = (keys, stamp) }
        } catch {
            throw OptionsError(key: option, "\(path): \(error.sentence)")
        }
    }

    /// The keys, as the file has them now or had them a second ago.
    func keys(on pool: ContextPool) async -> [TokenKey] {
        let isDue = state.withLock { state in
            guard !state.isLooking, now() - state.looked >= Self.interval else { return false }
            state.isLooking = true
            return true
        }
        if isDue {
            // Where the pool has no room, or the client has left, the keys stay, and a later request looks.
            try? await pool.run { await self.look() }
            state.withLock { $0.isLooking = false }
        }
        return state.withLock { $0.keys }
    }

    private func look() async {
        state.withLock { $0.looked = now() }
        let known = state.withLock { $0.complaint == nil ? $0.stamp : nil }
        // Where something is wrong it is tried again: it may have been caught while it was written.
        if let known, known == stamp { return }
        do throws(TokenFault) {
            let (keys, stamp) = try await read()
            let isNew = state.withLock { state in
                defer { (state.keys, state.stamp, state.complaint) = (keys, stamp, nil) }
                return state.stamp != stamp
            }
            if isNew { logger.notice("keys were read anew", metadata: ["file": "\(path)", "keys": "\(keys.count)"]) }
        } catch {
            let isNew = state.withLock { state in
                defer { state.complaint = error.description }
                return state.complaint != error.description
            }
            if isNew {
                let metadata: Logger.Metadata = ["file": "\(path)", "error": "\(error)"]
                logger.error("keys could not be read anew: those from before hold", metadata: metadata)
            }
        }
    }

    private func read() async throws(TokenFault) -> ([TokenKey], Stamp) {
        // Before the content: what is written between the two is seen as a change the next time.
        guard let stamp else { throw TokenFault("there is no such file, or it may not be read") }
        guard stamp.size ?? 0 <= Self.sizeLimit else { throw TokenFault("it is larger than 1 MiB") }
        guard let data = try? Data(contentsOf: URL(filePath: path)) else { throw TokenFault("it could not be read") }
        return (try await parse(data), stamp)
    }

    private var stamp: Stamp? {
        // A link is followed: what it leads to is what changes.
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: target),
            attributes[.type] as? FileAttributeType == .typeRegular
        else { return nil }
        return Stamp(
            changed: attributes[.modificationDate] as? Date,
            size: attributes[.size].flatMap { Int("\($0)") },
            inode: attributes[.systemFileNumber].map { "\($0)" }
        )
    }
}
