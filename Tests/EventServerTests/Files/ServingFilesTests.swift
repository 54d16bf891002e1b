import Foundation
import Glibc
import HTTPTypes
import TestSupport
import Testing

@testable import EventServer

@Suite("A server with files", .timeLimit(.minutes(1)))
struct ServingFilesTests {
    private static let content = (0..<5_000_000).map { UInt8(ascii: "a") + UInt8($0 / 11 % 26) }

    /// Serves one file, which was changed long ago as far as its tag goes.
    private func serving(
        _ test: @escaping @Sendable (TestServer) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("a.txt", Self.content)
        try await TestServer.answering { request in
            do throws(FileError) {
                return try .file(path, for: request, etag: EntityTag("a"))
            } catch {
                return .text(error.description, status: .notFound)
            }
        } during: { server in
            try await test(server)
        }
        withExtendedLifetime(folder) {}
    }

    private static func get(_ fields: String..., method: String = "GET") -> String {
        (["\(method) / HTTP/1.1", "Host: x"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
    }

    @Test("sends it whole to a client that takes little at a time, twice over one connection")
    func slowReader() async throws {
        try await serving { server in
            try await onThread {
                let connection = try RawConnection(port: server.port, receiveBuffer: 4096)
                try connection.send(Self.get() + Self.get())
                for _ in 0..<2 {
                    let response = try connection.receiveResponse()
                    #expect(response.status == 200)
                    #expect(response.headers["content-length"] == "5000000")
                    #expect(Array(response.body.utf8) == Self.content)
                }
            }
        }
    }

    @Test("keeps the order among pipelined requests of all kinds")
    func kinds() async throws {
        try await serving { server in
            try await server.connect { connection in
                try connection.send(
                    Self.get(method: "HEAD") + Self.get("Range: bytes=10-19") + Self.get("If-None-Match: \"a\"")
                        + Self.get("Range: bytes=5000000-") + Self.get("If-Match: \"b\"")
                        + Self.get("Range: bytes=0-0,1000000-2999999,-1") + Self.get("Range: bytes=-1")
                )
                let head = try connection.receiveResponse(toHead: true)
                #expect(head.status == 200)
                #expect(head.headers["content-length"] == "5000000")
                let part = try connection.receiveResponse()
                #expect(part.status == 206)
                #expect(part.headers["content-range"] == "bytes 10-19/5000000")
                #expect(Array(part.body.utf8) == Array(Self.content[10..<20]))
                let same = try connection.receiveResponse()
                #expect(same.status == 304)
                #expect(same.headers["etag"] == "\"a\"")
                let behind = try connection.receiveResponse()
                #expect(behind.status == 416)
                #expect(behind.headers["content-range"] == "bytes */5000000")
                #expect(try connection.receiveResponse().status == 412)
                try expectParts(of: connection.receiveResponse())
                #expect(Array(try connection.receiveResponse().body.utf8) == Array(Self.content.suffix(1)))
            }
        }
    }

    private func expectParts(of response: RawResponse) throws {
        #expect(response.status == 206)
        let type = try #require(response.headers["content-type"])
        let boundary = try #require(type.split(separator: "boundary=").last)
        func part(_ range: Range<Int>) -> [UInt8] {
            let head = """
                --\(boundary)\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/5000000\r
                \r

                """
            return Array(head.utf8) + Self.content[range] + [13, 10]
        }
        let parts = part(0..<1) + part(1_000_000..<3_000_000) + part(4_999_999..<5_000_000)
        #expect(Array(response.body.utf8) == parts + Array("--\(boundary)--\r\n".utf8))
    }

    /// Answers with a file to which something happens between the answer and the sending.
    private func changing(
        _ change: @escaping @Sendable (_ path: String) -> Void,
        _ test: @escaping @Sendable (RawConnection) throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("a.txt", Self.content)
        try await TestServer.answering { request in
            do throws(FileError) {
                let response = try Response.file(path, for: request)
                change(path)
                return response
            } catch {
                return .text(error.description, status: .notFound)
            }
        } during: { server in
            try await server.connect(test)
        }
        withExtendedLifetime(folder) {}
    }

    @Test("sends the file that it has opened, whatever becomes of the name")
    func removed() async throws {
        try await changing { path in
            _ = unsafe unlink(path)
        } _: { connection in
            try connection.send(Self.get() + Self.get())
            #expect(Array(try connection.receiveResponse().body.utf8) == Self.content)
            #expect(try connection.receiveResponse().status == 404)
        }
    }

    @Test("closes the connection where the file has become shorter, and makes nothing up")
    func shrunk() async throws {
        try await changing { path in
            _ = unsafe truncate(path, 1000)
        } _: { connection in
            try connection.send(Self.get() + Self.get())
            let text = try connection.receiveToEnd()
            #expect(text.contains("content-length: 5000000\r\n"))
            let body = try #require(text.components(separatedBy: "\r\n\r\n").last)
            #expect(Array(body.utf8) == Array(Self.content.prefix(1000)))
            #expect(text.statuses == [200])
        }
    }
}
