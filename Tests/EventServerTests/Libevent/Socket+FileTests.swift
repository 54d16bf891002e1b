import Foundation
import Glibc
import TestSupport
import Testing

@testable import EventServer

@Suite("Sending a file over a socket")
struct SocketFileTests {
    /// A socket, and the other end of it.
    private func pair() throws -> (Socket, peer: Int32) {
        var ends: [Int32] = [0, 0]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
        try #require(unsafe socketpair(AF_UNIX, type, 0, &ends) == 0)
        return (Socket(descriptor: ends[0]), ends[1])
    }

    private func read(_ descriptor: Int32) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        return Array(buffer.prefix(max(0, count)))
    }

    @Test("sends the part that is asked for, and moves on")
    func part() throws {
        let folder = try TemporaryFolder()
        let file = try OpenFile(folder.file("a", Array("0123456789".utf8)))
        let (socket, peer) = try pair()
        defer { close(peer) }
        var offset = 3
        guard case .bytes(4) = socket.send(file, from: &offset, count: 4) else {
            Issue.record("four bytes fit")
            return
        }
        #expect(offset == 7)
        #expect(read(peer) == Array("3456".utf8))
        guard case .bytes(0) = socket.send(file, from: &offset, count: 0) else {
            Issue.record("nothing is sent at once")
            return
        }
    }

    @Test("tells a full socket, and goes on where it stopped")
    func full() throws {
        let folder = try TemporaryFolder()
        let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let file = try OpenFile(folder.file("a", content))
        let (socket, peer) = try pair()
        defer { close(peer) }
        var offset = 0
        var received: [UInt8] = []
        var stops = 0
        while offset < content.count {
            switch socket.send(file, from: &offset, count: content.count - offset) {
            case .bytes: continue
            case .wouldBlock:
                stops += 1
                let more = read(peer)
                try #require(!more.isEmpty)
                received += more
            case .ended, .failed:
                Issue.record("the file is there and the peer too")
                return
            }
        }
        while case let more = read(peer), !more.isEmpty { received += more }
        #expect(stops > 0)
        #expect(received == content)
    }

    @Test("tells a file that has become shorter")
    func shrunk() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("a", [UInt8](repeating: 1, count: 1000))
        let file = try OpenFile(path)
        try #require(unsafe truncate(path, 500) == 0)
        let (socket, peer) = try pair()
        defer { close(peer) }
        var offset = 0
        guard case .bytes(500) = socket.send(file, from: &offset, count: 1000),
            case .ended = socket.send(file, from: &offset, count: 500)
        else {
            Issue.record("half of it is there")
            return
        }
        #expect(offset == 500)
    }

    @Test("tells a peer that has gone, and ends no process")
    func gone() throws {
        let folder = try TemporaryFolder()
        let file = try OpenFile(folder.file("a", [1, 2, 3]))
        BrokenPipe.ignore()
        let (socket, peer) = try pair()
        close(peer)
        var offset = 0
        guard case .failed = socket.send(file, from: &offset, count: 3) else {
            Issue.record("nobody is there to take it")
            return
        }
        #expect(offset == 0)
    }
}
