import Glibc
import TestSupport
import Testing

@testable import EventServer

@Suite("A listening socket") struct ListeningSocketTests {
    @Test("says that there are no descriptors left, and loses nobody who waits meanwhile")
    func outOfDescriptors() async {
        // A process of its own, since the limit is for all of it.
        await #expect(processExitsWith: .exitCode(7)) {
            let listening = try ListeningSocket.openTCP(host: "127.0.0.1", port: 0, backlog: 8, count: 1)[0][0]
            let client = try RawConnection(port: listening.socket.address.port)
            var limit = rlimit()
            unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let usual = limit.rlim_cur
            limit.rlim_cur = 3
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            for _ in 0..<3 { guard case .exhausted = listening.socket.accept() else { exit(2) } }
            limit.rlim_cur = usual
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            guard case .connection(let socket, _) = listening.socket.accept() else { exit(3) }
            socket.close()
            client.finishSending()
            exit(7)
        }
    }
}
