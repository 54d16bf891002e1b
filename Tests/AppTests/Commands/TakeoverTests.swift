import Foundation
import Synchronization
import TestSupport
import Testing

/// A new process takes the place of an old one, on a socket that both have inherited.
@Suite(.timeLimit(.minutes(2))) struct TakeoverTests {
    private static let config =
        "server: { listen: [\"inherited:web\"], timeouts: { drain: 20s } }\nlog: { level: warning }"

    /// A socket that listens at a free port, as systemd would open it.
    private static func makeSocket() throws -> (FileHandle, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, size) + listen(descriptor, 512) + getsockname(descriptor, $0, &size)
            }
        }
        try #require(status == 0)
        return (FileHandle(fileDescriptor: descriptor, closeOnDealloc: true), Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Clients that come and go without a pause, each with one request.
    private final class Traffic: Sendable {
        let isOver = Atomic(false)
        let answered = Atomic(0)
        /// The first answer is there: on a busy machine threads begin late.
        let flows = Gate()

        func run(port: Int) {
            while !isOver.load(ordering: .relaxed) {
                do {
                    let connection = try RawConnection(port: port)
                    try connection.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try connection.receiveResponse().status == 200)
                    answered.add(1, ordering: .relaxed)
                    flows.open()
                } catch {
                    Issue.record("a request was lost: \(error)")
                    return
                }
            }
        }
    }

    @Test func noRequestIsLostWhileThreeProcessesFollowEachOther() async throws {
        let (handle, port) = try Self.makeSocket()
        let traffic = Traffic()
        var current = try BatonProcess.start([], config: Self.config, inherited: handle)
        let first = current
        _ = try await onThread { try first.readOutput(untilLine: "Try:") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask { await onThread { traffic.run(port: port) } }
            }
            defer { traffic.isOver.store(true, ordering: .relaxed) }
            await traffic.flows.opened()
            for _ in 0..<2 {
                let old = current
                let next = try BatonProcess.start([], config: Self.config, inherited: handle)
                current = next
                let before = traffic.answered.load(ordering: .relaxed)
                let result = try await onThread {
                    _ = try next.readOutput(untilLine: "Try:")
                    old.signal(SIGTERM)
                    return try old.waitForEnd()
                }
                #expect(result.status == 0)
                #expect(traffic.answered.load(ordering: .relaxed) > before)
            }
        }
        #expect(traffic.answered.load(ordering: .relaxed) > 100)
        current.signal(SIGTERM)
        let last = current
        #expect(try await onThread { try last.waitForEnd() }.status == 0)
    }

    @Test func withoutAnInheritedSocketTheErrorSaysHowToGetOne() async throws {
        let result = try await BatonProcess.run([], config: Self.config)
        #expect(result.status == 1)
        #expect(
            result.errors.contains(
                "Cannot listen on inherited:web: no such socket was handed down: LISTEN_FDS is not set."
            )
        )
        #expect(result.errors.contains("systemd socket unit"))
    }
}
