import EventServer
import Foundation
import Middleware
import TestSupport
import Testing

@Suite("Uploads over a server", .timeLimit(.minutes(2)))
struct UploadTests {
    private static let content = [UInt8]((0..<(5 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) })
    private static let head = Array(
        "--b0\r\nContent-Disposition: form-data; name=\"file\"; filename=\"big\"\r\nContent-Type: a/b\r\n\r\n".utf8
    )
    private static let tail = Array(
        "\r\n--b0\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nx\r\n--b0--\r\n".utf8
    )
    private static var body: [UInt8] { head + content + tail }

    private static func line(_ framing: String) -> String {
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b0\r\n\(framing)\r\n\r\n"
    }

    /// Answers with the sizes of what came, and whether the file's bytes were the right ones.
    private static func run(
        in folder: TemporaryFolder,
        _ test: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        let exchange = try TestExchange(workers: 2, queueLimit: 64)
        try await TestServer.run {
            $0.bodyLimit = 8 << 20
        } answer: { request in
            await exchange.respond(to: request) { request, _ in
                let form = try await request.multipart(folder: folder.path)
                let file = form.file("file")
                let isSame = try await file?.bytes() == content
                return .text("\(file?.filename ?? "-") \(file?.size ?? 0) \(isSame) \(form.fields["name"] ?? "-")")
            }
        } _: { server in
            try await test(server)
        }
    }

    private static let answer = "big 5242880 true x"

    @Test func `five megabytes arrive with a length`() async throws {
        let folder = try TemporaryFolder()
        try await Self.run(in: folder) { server in
            let response = try await server.connect { connection in
                try connection.send(Self.line("Content-Length: \(Self.body.count)"))
                try connection.send(Self.body)
                return try connection.receiveResponse()
            }
            #expect(response.body == Self.answer)
            #expect(await folder.isSoonEmpty())
        }
    }

    @Test func `five megabytes arrive in chunks`() async throws {
        let folder = try TemporaryFolder()
        try await Self.run(in: folder) { server in
            let response = try await server.connect { connection in
                try connection.send(Self.line("Transfer-Encoding: chunked"))
                var rest = Self.body[...]
                while !rest.isEmpty {
                    let chunk = rest.prefix(100_001)
                    rest = rest.dropFirst(100_001)
                    try connection.send(Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + [13, 10])
                }
                try connection.send("0\r\n\r\n")
                return try connection.receiveResponse()
            }
            #expect(response.body == Self.answer)
            #expect(await folder.isSoonEmpty())
        }
    }

    @Test func `a client that leaves in the middle leaves no file`() async throws {
        let folder = try TemporaryFolder()
        try await Self.run(in: folder) { server in
            let connection = try await onThread {
                let connection = try RawConnection(port: server.port)
                try connection.send(Self.line("Content-Length: \(Self.body.count)"))
                try connection.send(Self.body.prefix(1 << 20))
                return Handle(connection)
            }
            #expect(await isSoon { folder.names.count == 1 })
            await onThread { connection.reset() }
            #expect(await folder.isSoonEmpty())
        }
    }

    @Test func `ten uploads at once all arrive`() async throws {
        let folder = try TemporaryFolder()
        try await Self.run(in: folder) { server in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        try await server.connect { connection in
                            try connection.send(Self.line("Content-Length: \(Self.body.count)"))
                            try connection.send(Self.body)
                            return try connection.receiveResponse().body
                        }
                    }
                }
                for try await answer in group { #expect(answer == Self.answer) }
            }
            #expect(await folder.isSoonEmpty())
        }
    }

    /// Ways to read a body, without a limit of their own and with one.
    private static let readers: [(type: String, read: @Sendable (Request, Int?) async throws -> Void)] = [
        ("application/json", { _ = try await $0.json([Int].self, upTo: $1) }),
        ("application/x-www-form-urlencoded", { _ = try await $0.form(upTo: $1) }),
        (
            "multipart/form-data; boundary=b",
            { request, limit in
                var limits = MultipartLimits()
                limits.size = limit
                for try await _ in request.parts(limits: limits) {}
            }
        ),
    ]

    @Test(arguments: [0, 1, 2]) func `the limit of the server holds, unless the handler names one`(_ reader: Int)
        async throws
    {
        let (type, read) = Self.readers[reader]
        let exchange = try TestExchange(workers: 1, queueLimit: 64)
        let filler = String(repeating: "1", count: 2000)
        let bodies = [
            "[" + String(repeating: "1,", count: 1000) + "1]", "a=" + filler,
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\(filler)\r\n--b--\r\n",
        ]
        try await TestServer.run {
            $0.bodyLimit = 1000
        } answer: { request in
            await exchange.respond(to: request) { request, _ in
                try await read(request, request.path == "/more" ? 5000 : request.path == "/less" ? 100 : nil)
                return .text("read")
            }
        } _: { server in
            for (path, status) in [("/", 413), ("/more", 200), ("/less", 413)] {
                let body = bodies[reader]
                let head =
                    "POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)"
                let response = try await server.exchange("\(head)\r\n\r\n\(body)")
                #expect(response.status == status, "\(path)")
            }
        }
    }
}

/// Carries a connection from one thread to the next; only one has it at a time.
private final class Handle: @unchecked Sendable {  // Handed on, never shared.
    private let connection: RawConnection

    init(_ connection: RawConnection) { self.connection = connection }

    func reset() { connection.reset() }
}
