import Foundation
import Glibc
import TestSupport
import Testing

@testable import EventServer

@Suite("The validators of a file")
struct ValidatorsTests {
    /// A time when no file of these tests has just been changed.
    private static var later: Int { EventLoop.secondsSince1970 + 1000 }

    private func validators(_ path: String, now: Int = later) throws -> Validators {
        Validators(of: try OpenFile(path), now: now)
    }

    @Test("are the same as long as the file is")
    func stable() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("a", [1, 2])
        let first = try validators(path)
        #expect(try validators(path) == first)
        #expect(first.entityTag?.isWeak == false)
        #expect(first.lastModified == 784_111_777)
    }

    @Test("tell versions apart that have the same size and time")
    func distinct() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("a", [1, 2])
        let first = try validators(path).entityTag?.opaque
        // Another file in its place, such as the same build on another day.
        let other = try folder.file("b", [3, 4])
        try #require(unsafe rename(other, path) == 0)
        let second = try validators(path).entityTag?.opaque
        #expect(first != second)
    }

    @Test("of different sizes or times are different")
    func ordinary() throws {
        let folder = try TemporaryFolder()
        let tags = [
            try validators(folder.file("a", [1, 2])).entityTag, try validators(folder.file("a", [1, 2, 3])).entityTag,
            try validators(folder.file("a", [1, 2], modified: 784_111_778)).entityTag,
        ]
        #expect(Set(tags).count == 3)
    }

    @Test("are weak and without a date while the file may still change unseen")
    func unsettled() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("a", [1])
        let changed = try OpenFile(path).changeTime.seconds
        for age in [-1000, 0, 1] {
            let young = try validators(path, now: changed + age)
            #expect(young.entityTag?.isWeak == true)
            #expect(young.lastModified == nil)
        }
        let old = try validators(path, now: changed + 2)
        #expect(old.entityTag?.isWeak == false)
        #expect(old.lastModified == 784_111_777)
        #expect(try validators(path, now: changed).entityTag?.opaque == old.entityTag?.opaque)
    }

    @Test("have no date that means nothing", arguments: [0, 1, 4_000_000_000])
    func meaningless(modified: Int) throws {
        let folder = try TemporaryFolder()
        let validators = try validators(folder.file("a", [1], modified: modified))
        #expect(validators.lastModified == nil)
        #expect(validators.entityTag?.isWeak == false)
    }

    @Test("make a tag that can stand in a field, and that shows no inode")
    func shape() throws {
        let folder = try TemporaryFolder()
        let file = try OpenFile(folder.file("a", [1], modified: 1))
        let opaque = try #require(Validators(of: file, now: Self.later).entityTag?.opaque)
        #expect(EntityTag(opaque) != nil)
        #expect(opaque.hasPrefix("3b9aca00-1-"))
        #expect(!opaque.contains(String(file.inode, radix: 16)) || file.inode < 256)
    }

    @Test("stand any clock", arguments: [0, -1, 1 << 40, -(1 << 40)])
    func clocks(now: Int) throws {
        let folder = try TemporaryFolder()
        let validators = try validators(folder.file("a", [1]), now: now)
        #expect(validators.entityTag != nil)
    }
}
