import Foundation
import Glibc
import TestSupport
import Testing

@testable import EventServer

/// Under which user the calling thread, and no other, opens files; Glibc's module has no such function.
@_silgen_name("setfsuid") private func setFileUser(_ user: UInt32) -> Int32

@Suite("An open file", .timeLimit(.minutes(1)))
struct OpenFileTests {
    private func code(_ path: String, followsLink: Bool = true) -> FileError.Code? {
        do throws(FileError) {
            _ = try OpenFile(path, followsLink: followsLink)
            return nil
        } catch {
            #expect(error.description.contains(path.debugDescription))
            return error.code
        }
    }

    @Test("knows its size and its time")
    func status() throws {
        let folder = try TemporaryFolder()
        let file = try OpenFile(folder.file("a", [1, 2, 3], modified: 784_111_777))
        #expect(file.size == 3)
        #expect(file.modificationTime == OpenFile.Time(seconds: 784_111_777, nanoseconds: 0))
        #expect(abs(file.changeTime.seconds - EventLoop.secondsSince1970) < 60)
        #expect(file.inode != 0)
    }

    @Test("is closed with its last holder, and not handed down to other programs")
    func closes() throws {
        let folder = try TemporaryFolder()
        var file: OpenFile? = try OpenFile(folder.file("a", [1]))
        let descriptor = try #require(file?.descriptor)
        let link = "/proc/self/fd/\(descriptor)"
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "\(folder.path)/a")
        let flags = try String(contentsOfFile: "/proc/self/fdinfo/\(descriptor)", encoding: .utf8)
            .split(separator: "\n").first { $0.hasPrefix("flags:") }
        let number = Int(flags?.split(separator: "\t").last ?? "", radix: 8) ?? 0
        #expect(number & 0o2000000 != 0)
        file = nil
        // Another test may have the number by now, but not this file.
        #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: link)) != "\(folder.path)/a")
    }

    @Test("is not what does not exist")
    func missing() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("a", [1])
        #expect(code("\(folder.path)/b") == .notFound)
        #expect(code("\(file)/b") == .notFound)
        #expect(code("") == .notFound)
        #expect(code("\(folder.path)/\(String(repeating: "a", count: 5000))") == .notFound)
    }

    @Test("is not one whose name ends at a zero")
    func zero() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("a", [1])
        #expect(code(file) == nil)
        #expect(code(file + "\0.txt") == .notFound)
    }

    @Test("is neither a folder, nor a device")
    func notFiles() throws {
        let folder = try TemporaryFolder()
        #expect(code(folder.path) == .notAFile)
        #expect(code("/dev/null") == .notAFile)
    }

    @Test("is no pipe, and does not wait for one")
    func pipe() throws {
        let folder = try TemporaryFolder()
        #expect(unsafe mkfifo("\(folder.path)/pipe", 0o600) == 0)
        #expect(code("\(folder.path)/pipe") == .notAFile)
    }

    @Test("is no symbolic link where none may be")
    func links() throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("a", [1])
        let link = "\(folder.path)/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
        #expect(code(link) == nil)
        #expect(code(link, followsLink: false) == .notAFile)
        #expect(code(file, followsLink: false) == nil)
        let circle = "\(folder.path)/circle"
        try FileManager.default.createSymbolicLink(atPath: circle, withDestinationPath: circle)
        #expect(code(circle) == .notAFile)
    }

    @Test("is not what the server may not read")
    func notAllowed() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.file("a", [1])
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: file)
        await onThread {
            // Root may read everything; the thread ends with this test.
            _ = setFileUser(65_534)
            #expect(code(file) == .notAllowed)
        }
    }
}
