import Glibc
import TestSupport
import Testing

@testable import EventServer

@Suite(.serialized, .timeLimit(.minutes(1))) struct InheritedSocketsTests {
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
        let base: Int32 = 800
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
        #expect(advice(inherited).contains("descriptor 801 is no stream socket that listens"))
        #expect(advice(inherited).contains("in use already"))
        close(first + 1)
    }

    @Test func anInheritedSocketServesAndIsNotRemovedFromTheFileSystem() async throws {
        let path = "/tmp/baton-inherited-\(UInt32.random(in: 0...UInt32.max))"
        let own = try ListeningSocket.openUnix(path: path, mode: 0o600, backlog: 8)
        #expect(dup2(own.socket.descriptor, 802) == 802)
        let inherited = sockets(["LISTEN_FDS": "1", "LISTEN_PID": "42"], first: 802)
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
