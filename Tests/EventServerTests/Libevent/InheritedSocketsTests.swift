import Glibc
import TestSupport
import Testing

@testable import EventServer

@Suite(.serialized, .timeLimit(.minutes(1))) struct InheritedSocketsTests {
    /// The first of some descriptors that nobody else has: the system gives out the lowest that are free.
    private static let unused = Int32(DescriptorLimit.raise() - 8)

    private func sockets(_ variables: [String: String], first: Int32 = 3) -> InheritedSockets {
        InheritedSockets(first: first, process: 42) { variables[$0] }
    }

    private func advice(_ sockets: InheritedSockets, _ name: String? = nil) -> String {
        do throws(ServerError) {
            _ = try sockets.take(name)
            return "taken"
        } catch {
            return error.description
        }
    }

    /// Two descriptors in a row: a socket that listens, and one that does not.
    private func makePair() throws -> (first: Int32, port: Int) {
        let listening = try ListeningSocket.openTCP(host: "127.0.0.1", port: 0, backlog: 8, count: 1)[0][0]
        let base = Self.unused
        #expect(dup2(listening.socket.descriptor, base) == base)
        let other = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #expect(dup2(other, base + 1) == base + 1)
        close(other)
        return (base, listening.socket.address.port)
    }

    @Test(
        arguments: [
            ([:], "LISTEN_FDS is not set"), (["LISTEN_FDS": "1"], "another process (none; this is 42)"),
            (["LISTEN_FDS": "1", "LISTEN_PID": "41"], "another process (41; this is 42)"),
            (["LISTEN_FDS": "0", "LISTEN_PID": "42"], "no number from 1"),
            (["LISTEN_FDS": "x", "LISTEN_PID": "42"], "no number from 1"),
            (["LISTEN_FDS": "-1", "LISTEN_PID": "42"], "no number from 1"),
            (["LISTEN_FDS": "99999999999", "LISTEN_PID": "42"], "no number from 1"),
        ] as [([String: String], String)]
    )
    func whereNothingWasHandedDownTheErrorSaysWhy(variables: [String: String], reason: String) {
        let text = advice(sockets(variables))
        #expect(text.contains(reason))
        #expect(text.contains("systemd socket unit"))
    }

    @Test func socketsAreTakenByNameAndOnce() throws {
        let (first, port) = try makePair()
        let all = ["LISTEN_FDS": "2", "LISTEN_PID": "42", "LISTEN_FDNAMES": "web:other"]
        let inherited = sockets(all, first: first)
        #expect(advice(inherited, "wbe").contains("\"web\", \"other\""))
        let taken = try inherited.take("web")
        #expect(taken.map(\.address.port) == [port])
        let isShared = taken[0].socket.isShared
        #expect(isShared)
        #expect(advice(inherited, "web").contains("\"other\""))
        #expect(advice(inherited).contains("descriptor \(first + 1) is no stream socket that listens"))
        #expect(advice(inherited).contains("in use already"))
        close(first + 1)
    }

    @Test func anInheritedSocketServesAndIsNotRemovedFromTheFileSystem() async throws {
        let path = "/tmp/baton-inherited-\(UInt32.random(in: 0...UInt32.max))"
        let own = try ListeningSocket.openUnix(path: path, mode: 0o600, backlog: 8)
        #expect(dup2(own.socket.descriptor, Self.unused) == Self.unused)
        let inherited = sockets(["LISTEN_FDS": "1", "LISTEN_PID": "42"], first: Self.unused)
        var configuration = ServerConfiguration()
        configuration.listen = [.inherited(name: nil)]
        do {
            let listeners = try Listeners(configuration, loops: 3, inherited: inherited)
            #expect(listeners.addresses.map(\.description) == ["unix:\(path)"])
            #expect(listeners.loops.allSatisfy { $0.count == 1 })
            let client = try RawConnection(path: path)
            guard case .connection = listeners.loops[2][0].socket.accept() else {
                Issue.record("nobody was accepted")
                return
            }
            client.finishSending()
        }
        let isThere = unsafe access(path, F_OK) == 0
        #expect(isThere)
    }

    @Test func aSocketThatAnotherProcessHasShutDownSaysSoInsteadOfFailingForEver() throws {
        let listening = try ListeningSocket.openTCP(host: "127.0.0.1", port: 0, backlog: 8, count: 1)[0][0]
        shutdown(listening.socket.descriptor, Int32(SHUT_RDWR))
        guard case .broken = listening.socket.accept() else {
            Issue.record("a socket that does not listen any more accepts")
            return
        }
    }

    @Test(arguments: [SHUT_RDWR, SHUT_RD])
    func aUnixSocketThatAnotherProcessHasShutDownDoesNotWakeItsLoopsForEver(how: Int) throws {
        let path = "/tmp/baton-shut-\(UInt32.random(in: 0...UInt32.max))"
        let listening = try ListeningSocket.openUnix(path: path, mode: 0o600, backlog: 8)
        guard case .none = listening.socket.accept() else {
            Issue.record("nobody has connected, and yet it is not so")
            return
        }
        shutdown(listening.socket.descriptor, Int32(how))
        guard case .broken = listening.socket.accept() else {
            Issue.record("it is readable for ever, and says that nobody waits")
            return
        }
    }

    @Test func aServerWhoseLastSocketIsGoneAnswersWhoIsThereAndEndsWithAnError() async throws {
        let path = "/tmp/baton-deaf-\(UInt32.random(in: 0...UInt32.max))"
        let (isStarted, release) = (Gate(), Gate())
        var configuration = ServerConfiguration()
        configuration.listen = [.unix(path: path)]
        configuration.loops = 2
        let logs = LogRecorder()
        let server = HTTPServer(
            configuration: configuration,
            responder: Slow(isStarted: isStarted, release: release),
            logger: logs.makeLogger()
        )
        try server.bind()
        let running = Task { try await server.run() }
        let answer = try await onThread {
            let connection = try RawConnection(path: path)
            try connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            isStarted.wait()
            // As another process does that has the socket, too.
            for descriptor in 3..<Self.unused where isListening(descriptor, at: path) {
                shutdown(descriptor, Int32(SHUT_RDWR))
            }
            release.open()
            return try connection.receiveToEnd()
        }
        #expect(answer.hasSuffix("late"))
        await #expect(throws: ServerError.listenersLost) { try await running.value }
        #expect(logs.lines.contains { $0.message == "a listening socket was shut down by another process" })
    }

    /// The connections that came to a socket have its address, too.
    private func isListening(_ descriptor: Int32, at path: String) -> Bool {
        guard ListeningSocket.address(of: descriptor)?.host == "unix:\(path)" else { return false }
        var (value, length) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        unsafe getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &length)
        return value != 0
    }

    private struct Slow: Responder {
        let isStarted: Gate
        let release: Gate

        func respond(to request: Request) async -> Response {
            isStarted.open()
            await release.opened()
            return .text("late")
        }
    }

    @Test func socketsThatNobodyServesAreTold() throws {
        let logs = LogRecorder()
        let server = HTTPServer(
            configuration: ServerConfiguration(),
            responder: Nobody(),
            logger: logs.makeLogger()
        )
        server.tellOfUnused(sockets([:]))
        #expect(logs.lines.isEmpty)
        server.tellOfUnused(sockets(["LISTEN_FDS": "2", "LISTEN_PID": "42", "LISTEN_FDNAMES": "web:admin"]))
        #expect(logs.lines.map(\.message) == ["inherited sockets are not served"])
        #expect(logs.lines.first?.metadata["names"] == "web,admin")
    }

    private struct Nobody: Responder {
        func respond(to request: Request) async -> Response { .text("") }
    }
}
