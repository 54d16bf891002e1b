import ContextPool
import EventServer
import Foundation
import HTTPTypes
import Middleware
import Synchronization
import TestSupport
import Testing

@Suite("Multipart bodies", .timeLimit(.minutes(1)))
struct MultipartPartsTests {
    private static let type = "multipart/form-data; boundary=b0"

    private static func body(_ parts: [(head: String, content: [UInt8])]) -> [UInt8] {
        parts.reduce(into: []) { body, part in
            body +=
                Array("--b0\r\nContent-Disposition: form-data; \(part.head)\r\n\r\n".utf8) + part.content + [13, 10]
        } + Array("--b0--\r\n".utf8)
    }

    private static let big = [UInt8]((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })

    @Test func `small parts are bytes and large ones private files that go with their last reference`() async throws {
        let folder = try TemporaryFolder()
        let pool = try ContextPool(workers: 1)
        let body = Self.body([("name=a", [1, 2]), ("name=f; filename=\"../x\"", Self.big)])
        var form: MultipartForm? = try await Request.post(body, type: Self.type)
            .multipart(folder: folder.path, pool: pool)
        #expect(form?.fields["a"] == "\u{1}\u{2}")
        #expect(form?.file("f")?.filename == "x")
        let name = try #require(folder.names.first)
        #expect(folder.names.count == 1 && !name.contains("x.."))
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(name)")
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        #expect(form?.file("f")?.size == Self.big.count)
        #expect(try await form?.file("f")?.bytes() == Self.big)
        form = nil
        #expect(await folder.isSoonEmpty())
    }

    @Test func `a moved file stays, overwrites nothing, and is not removed`() async throws {
        let folder = try TemporaryFolder()
        let pool = try ContextPool(workers: 1)
        let taken = "\(folder.path)/taken"
        try Data([1]).write(to: URL(filePath: taken))
        do {
            let body = Self.body([("name=f; filename=x", Self.big)])
            let form = try await Request.post(body, type: Self.type).multipart(folder: folder.path, pool: pool)
            guard case .file(let file) = try #require(form.file("f")).content else { throw TestFailure() }
            let error = await #expect(throws: TemporaryFileError.self) { try await file.move(to: taken) }
            #expect(error?.code == .cannotMove)
            try await file.move(to: "\(folder.path)/kept")
            let again = await #expect(throws: TemporaryFileError.self) { try await file.move(to: "\(folder.path)/b") }
            #expect(again?.code == .moved)
        }
        await pool.shutDown()
        #expect(folder.names.sorted() == ["kept", "taken"])
        #expect(try Data(contentsOf: URL(filePath: "\(folder.path)/kept")) == Data(Self.big))
    }

    @Test func `a pool that is shut down leaves no file behind`() async throws {
        let folder = try TemporaryFolder()
        let pool = try ContextPool(workers: 1)
        let body = Self.body([("name=f; filename=x", Self.big)])
        var form: MultipartForm? = try await Request.post(body, type: Self.type)
            .multipart(folder: folder.path, pool: pool)
        await pool.shutDown()
        #expect(form?.files.count == 1 && folder.names.count == 1)
        form = nil
        #expect(await isSoon { folder.names.isEmpty })
    }

    @Test func `an empty choice of a file is none`() async throws {
        let body = Self.body([("name=f; filename=\"\"", []), ("name=g; filename=\"\"", [1])])
        let form = try await Request.post(body, type: Self.type).multipart()
        #expect(form.files.map(\.name) == ["g"])
    }

    @Test func `limits of size are kept, and leave nothing behind`() async throws {
        let folder = try TemporaryFolder()
        let pool = try ContextPool(workers: 1)
        let changes: [@Sendable (inout MultipartLimits) -> Void] = [
            { $0.partSize = 150_000 }, { $0.temporarySize = 150_000 }, { $0.partCount = 0 },
        ]
        for change in changes {
            var limits = MultipartLimits()
            change(&limits)
            let request = try Request.post(Self.body([("name=f; filename=x", Self.big)]), type: Self.type)
            let chosen = limits
            let error = await #expect(throws: ContentError.self) {
                _ = try await request.multipart(limits: chosen, folder: folder.path, pool: pool)
            }
            #expect(error?.makeResponse().status == .contentTooLarge)
            #expect(await folder.isSoonEmpty())
        }
    }

    @Test func `the size of a file is known at once, though the disk keeps a reader waiting`() async throws {
        let folder = try TemporaryFolder()
        let (job, asked) = (JobBegins(), Gate())
        let pool = try ContextPool(workers: 1, observer: job)
        let body = Self.body([("name=f; filename=x", Self.big)])
        let form = try await Request.post(body, type: Self.type).multipart(folder: folder.path, pool: pool)
        guard case .file(let file) = try #require(form.file("f")).content else { throw TestFailure() }
        // A pipe without a writer stands for a disk that does not answer.
        try FileManager.default.removeItem(atPath: file.path)
        #expect(unsafe mkfifo(file.path, 0o600) == 0)
        job.isAwaited.store(true, ordering: .relaxed)
        let reading = Task { try await file.bytes() }
        await job.gate.opened()
        async let asking: Void = onThread {
            for _ in 0..<100_000 where file.size != Self.big.count { Issue.record("the size is another") }
            asked.open()
        }
        await asked.opened()
        await asking
        let writer = await onThread { unsafe open(file.path, O_WRONLY) }
        close(writer)
        await #expect(throws: TemporaryFileError.self) { try await reading.value }
    }

    /// Tells when the next job begins.
    private final class JobBegins: ContextPoolObserver {
        let isAwaited = Atomic(false)
        let gate = Gate()

        func around<Value>(_ job: JobInfo, _ body: () throws -> Value) throws -> Value {
            if isAwaited.load(ordering: .relaxed) { gate.open() }
            return try body()
        }
    }

    @Test func `a folder that is not there, no pool, and another type are told`() async throws {
        let pool = try ContextPool(workers: 1)
        let body = Self.body([("name=f; filename=x", Self.big)])
        let file = await #expect(throws: TemporaryFileError.self) {
            _ = try await Request.post(body, type: Self.type).multipart(folder: "/nowhere/at/all", pool: pool)
        }
        #expect(file?.code == .system)
        await #expect(throws: ContextError.self) { _ = try await Request.post(body, type: Self.type).multipart() }
        let type = await #expect(throws: ContentError.self) {
            _ = try await Request.post(body, type: "multipart/mixed; boundary=b0").multipart()
        }
        #expect(type?.code == .unsupportedType)
    }

    private struct TestFailure: Error {}
}
