import ContextPool
import EventServer
import Foundation
import Synchronization

/// A file that is removed, soon after the last reference to it has gone.
///
/// Only the process's own user can open it, and its name cannot be guessed. Everything that touches the disk runs on a
/// ``ContextPool``, the removal included, so that a slow disk holds no event loop up. A process that is killed leaves the file
/// behind.
public final class TemporaryFile: Sendable {
    private struct State {
        /// While the file is written.
        var handle: FileHandle?
        var isMoved = false
    }

    /// Where the file is.
    public let path: String

    private let pool: ContextPool
    private let state: Mutex<State>
    /// Not in the state, whose lock is held for as long as the disk takes: a loop may ask for it.
    private let written = Atomic(0)

    /// Creates the file; blocks.
    @available(*, noasync, message: "blocks the thread; call it in a job")
    init(in folder: String, pool: ContextPool) throws(TemporaryFileError) {
        let name = (0..<2).map { _ in String(UInt64.random(in: 0 ... .max), radix: 36) }.joined()
        path = "\(folder)/baton-\(name)"
        self.pool = pool
        do {
            let handle = FileHandle(fileDescriptor: try PrivateFile.create(path), closeOnDealloc: true)
            state = Mutex(State(handle: handle))
        } catch {
            throw .system("create", path, error)
        }
    }

    deinit {
        guard !state.withLock({ $0.isMoved }) else { return }
        let remove: @Sendable () -> Void = { [path] in
            // It may have been removed by somebody else, who had his reasons.
            try? FileManager.default.removeItem(atPath: path)
        }
        do {
            // A job of a request that has ended may be refused or dropped; the file must go all the same.
            try pool.submit { remove() }.whenComplete { if case .failure = $0 { remove() } }
        } catch {
            remove()
        }
    }

    /// How many bytes it has.
    public var size: Int { written.load(ordering: .relaxed) }

    /// The folder that the system has for temporary files.
    public static var systemFolder: String {
        var path = FileManager.default.temporaryDirectory.path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    /// Writes at the end; blocks.
    @available(*, noasync, message: "blocks the thread; call it in a job")
    func append(_ bytes: [UInt8]) throws(TemporaryFileError) {
        do {
            try state.withLock { state in
                try state.handle?.write(contentsOf: Data(bytes))
                written.wrappingAdd(bytes.count, ordering: .relaxed)
            }
        } catch {
            throw .system("write", path, error)
        }
    }

    /// Nothing more will be written; blocks.
    @available(*, noasync, message: "blocks the thread; call it in a job")
    func close() throws(TemporaryFileError) {
        do {
            try state.withLock { state in
                defer { state.handle = nil }
                try state.handle?.close()
            }
        } catch {
            throw .system("write", path, error)
        }
    }

    /// Moves the file to a place where it stays; it is no longer removed.
    ///
    /// The place is the application's to choose, and never what the client called the file. The file stays readable for the
    /// process's own user only. On another volume it is copied.
    ///
    /// - Parameter destination: The path; nothing may stand there, and its folder must exist.
    /// - Throws: ``TemporaryFileError``: `cannotMove`, after which the file is where it was; `moved` the second time.
    ///   `ContextPoolError` where the pool has no room.
    public func move(to destination: String) async throws {
        try await pool.submit { [self] in
            try state.withLock { state in
                guard !state.isMoved else { throw TemporaryFileError.moved }
                do {
                    try FileManager.default.moveItem(atPath: path, toPath: destination)
                } catch {
                    throw TemporaryFileError.cannotMove(to: destination, error)
                }
                state.isMoved = true
            }
        }
        .value
    }

    /// Reads the whole file into memory.
    ///
    /// - Returns: Its bytes.
    /// - Throws: ``TemporaryFileError``; `ContextPoolError` where the pool has no room.
    public func bytes() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        for try await chunk in chunks() { bytes += chunk }
        return bytes
    }

    /// The content of the file, piece by piece.
    ///
    /// - Parameter size: The size of a piece, in bytes.
    /// - Returns: The pieces; they can be read more than once, and keep the file.
    public func chunks(of size: Int = 65_536) -> FileChunks { FileChunks(file: self, size: max(1, size)) }

    /// Reads on a worker.
    func read(at offset: UInt64, upTo count: Int) async throws -> [UInt8] {
        try await pool.submit { [self] in
            try state.withLock { state in
                guard !state.isMoved else { throw TemporaryFileError.moved }
                do {
                    // Opened anew for each piece: who reads slowly holds no descriptor.
                    let handle = try FileHandle(forReadingFrom: URL(filePath: path))
                    try handle.seek(toOffset: offset)
                    let data = try handle.read(upToCount: count) ?? Data()
                    try handle.close()
                    return [UInt8](data)
                } catch {
                    throw TemporaryFileError.system("read", path, error)
                }
            }
        }
        .value
    }
}
