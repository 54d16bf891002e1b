import Foundation
import Glibc
import HTTPTypes
import TestSupport
import Testing

@testable import EventServer

@Suite("A response with a file")
struct ResponseFileTests {
    private static let content = "0123456789" + String(repeating: "x", count: 980) + "abcdefghij"
    private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"

    /// The answer with a file of a thousand bytes that was changed long ago.
    private func answer(
        _ fields: [String] = [],
        method: String = "GET",
        content: String = content,
        tag: EntityTag? = EntityTag("a")
    ) throws -> Response {
        let folder = try TemporaryFolder()
        let file = try OpenFile(folder.file("a.txt", content.utf8))
        let validators = Validators(entityTag: tag, lastModified: 784_111_777)
        let request = try Request.test(method: method, fields: fields)
        return .file(file, for: request, contentType: "text/plain", validators: validators)
    }

    /// What would be sent.
    private func text(_ response: Response) -> String {
        guard case .segments(let segments) = response.body.content else {
            return String(decoding: response.body.bytes ?? [], as: UTF8.self)
        }
        var bytes: [UInt8] = []
        for segment in segments {
            switch segment {
            case .bytes(let more): bytes += more
            case .file(let file, let offset, let count):
                var buffer = [UInt8](repeating: 0, count: count)
                let read = unsafe buffer.withUnsafeMutableBytes {
                    unsafe pread(file.descriptor, $0.baseAddress, count, offset)
                }
                bytes += buffer.prefix(max(0, read))
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("is whole where nothing else is asked for")
    func whole() throws {
        let response = try answer()
        #expect(response.status == .ok)
        #expect(text(response) == Self.content)
        #expect(
            response.headers == [
                .contentType: "text/plain", .eTag: "\"a\"", .lastModified: Self.date, .acceptRanges: "bytes",
            ]
        )
        guard case .segments(let segments) = response.body.content, case .file = segments.first else {
            Issue.record("the file is not read into memory")
            return
        }
        #expect(segments.count == 1)
    }

    @Test("has the same fields in answer to HEAD, and the length")
    func head() throws {
        let response = try answer(["Range: bytes=0-1"], method: "HEAD")
        #expect(response.status == .ok)
        #expect(response.headers == (try answer()).headers)
        #expect(response.body.length == 1000)
    }

    @Test("of an empty file is empty", arguments: [[], ["Range: bytes=0-"], ["Range: bytes=-1"]])
    func empty(fields: [String]) throws {
        let response = try answer(fields, content: "")
        #expect(response.status == .ok)
        #expect(response.body.length == 0)
    }

    @Test("has one part as it is")
    func single() throws {
        let response = try answer(["Range: bytes=990-5000"])
        #expect(response.status == .partialContent)
        #expect(text(response) == "abcdefghij")
        #expect(response.headers[.contentRange] == "bytes 990-999/1000")
        #expect(response.headers[.contentType] == "text/plain")
        #expect(response.headers[.eTag] == "\"a\"")
    }

    @Test("has one part as it is, also where several were asked for and came to one")
    func joined() throws {
        let response = try answer(["Range: bytes=0-4,5-9,2000-"])
        #expect(response.headers[.contentRange] == "bytes 0-9/1000")
        #expect(text(response) == "0123456789")
    }

    @Test("has several parts byte for byte as RFC 9110, section 14.6, wants them")
    func multipart() throws {
        let response = try answer(["Range: bytes=-10,0-3"])
        #expect(response.status == .partialContent)
        #expect(response.headers[.contentRange] == nil)
        let type = try #require(response.headers[.contentType])
        let mark = "multipart/byteranges; boundary="
        #expect(type.hasPrefix(mark))
        let boundary = String(type.dropFirst(mark.count))
        #expect(boundary.count == 32)
        let expected = """
            --\(boundary)\r
            Content-Type: text/plain\r
            Content-Range: bytes 990-999/1000\r
            \r
            abcdefghij\r
            --\(boundary)\r
            Content-Type: text/plain\r
            Content-Range: bytes 0-3/1000\r
            \r
            0123\r
            --\(boundary)--\r

            """
        #expect(text(response) == expected)
        #expect(response.body.length == expected.utf8.count)
    }

    @Test("has another boundary each time")
    func boundaries() {
        let boundaries = (0..<100).map { _ in RangeSource.makeBoundary() }
        #expect(Set(boundaries).count == 100)
        #expect(boundaries.allSatisfy { $0.count == 32 && $0.allSatisfy(\.isHexDigit) })
    }

    @Test("lets no line break of a type into its parts")
    func injection() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("a", Self.content.utf8)
        let request = try Request.test(fields: ["Range: bytes=0-0,500-500"])
        let response = try Response.file(path, for: request, contentType: "a/b\r\nEvil: yes")
        #expect(!text(response).contains("\nEvil"))
    }

    @Test("never has more bytes than the file, but for sixteen heads")
    func amplification() throws {
        let many = "bytes=" + (0..<16).map { "\($0 * 60)-" }.joined(separator: ",")
        #expect(try answer(["Range: \(many)"]).body.length == 1000)
        let apart = "bytes=" + (0..<10).map { "\($0 * 100)-\($0 * 100)" }.joined(separator: ",")
        #expect(try #require(answer(["Range: \(apart)"]).body.length) < 10 * 160)
        let tooMany = "bytes=" + (0..<5000).map { "\($0)-" }.joined(separator: ",")
        let response = try answer(["Range: \(tooMany)"])
        #expect(response.status == .ok)
        #expect(response.body.length == 1000)
    }

    @Test(
        "becomes what the conditions want",
        arguments: [
            ("If-None-Match: \"a\"", 304), ("If-None-Match: \"b\"", 206), ("If-Match: \"a\"", 206),
            ("If-Match: \"b\"", 412), ("If-Modified-Since: \(date)", 304), ("If-Range: \"a\"", 206),
            ("If-Range: \"b\"", 200), ("If-Range: \(date)", 206), ("If-Unmodified-Since: \(date)", 206),
            ("If-Unmodified-Since: Sat, 05 Nov 1994 08:49:37 GMT", 412),
        ]
    )
    func conditions(field: String, status: Int) throws {
        #expect(try answer(["Range: bytes=0-1", field]).status.code == status)
    }

    @Test("says 416 behind the end")
    func unsatisfiable() throws {
        let response = try answer(["Range: bytes=1000-"])
        #expect(response.status == .rangeNotSatisfiable)
        #expect(response.headers == [.contentRange: "bytes */1000"])
    }

    @Test("opens what the handler names, with a type by its name and a tag that comes back")
    func opens() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("a.json", "{}".utf8)
        let response = try Response.file(path, for: .test())
        #expect(response.headers[.contentType] == "application/json")
        #expect(text(response) == "{}")
        let tag = try #require(response.headers[.eTag])
        #expect(try Response.file(path, for: .test(fields: ["If-None-Match: \(tag)"])).status == .notModified)
        let own = try Response.file(path, for: .test(), contentType: "a/b", etag: EntityTag("mine"))
        #expect(own.headers[.contentType] == "a/b")
        #expect(own.headers[.eTag] == "\"mine\"")
    }

    @Test("throws where there is no file")
    func throwing() throws {
        let folder = try TemporaryFolder()
        let request = try Request.test()
        let missing = "\(folder.path)/a"
        #expect(throws: FileError.notFound(missing)) { try Response.file(missing, for: request) }
        #expect(throws: FileError.notAFile(folder.path)) { try Response.file(folder.path, for: request) }
    }
}
