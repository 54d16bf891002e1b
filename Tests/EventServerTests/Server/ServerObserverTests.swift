import HTTPTypes
import Synchronization
import TestSupport
import Testing

@testable import EventServer

@Suite("The observer of a server", .timeLimit(.minutes(1)))
struct ServerObserverTests {
    private final class Counts: ServerObserver {
        private let counts = Mutex<[String: Int]>([:])

        subscript(name: String) -> Int { counts.withLock { $0[name, default: 0] } }

        private func count(_ name: String) { counts.withLock { $0[name, default: 0] += 1 } }

        func connectionOpened() { count("opened") }
        func connectionClosed() { count("closed") }
        func connectionRefused() { count("refused") }
        func requestRefused(_ refusal: RequestRefusal) { count(refusal.code) }
        func requestShed() { count("shed") }
        func loopBlocked(for duration: Duration) { count("blocked") }
    }

    @Test("hears of each connection twice, whatever becomes of it")
    func connections() async throws {
        let counts = Counts()
        try await TestServer.run(observer: counts) { server in
            let messages = ["", "GET", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"]
            for message in messages {
                try await server.connect { connection in
                    try connection.send(message)
                    if message.hasSuffix("\r\n\r\n") { _ = try connection.receiveResponse() }
                    if message.isEmpty { connection.reset() }
                }
            }
            #expect(await isSoon { counts["closed"] == messages.count })
            // One that is open when the server stops.
            _ = try await server.exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(counts["opened"] == messages.count + 1)
        }
        #expect(counts["closed"] == counts["opened"])
        #expect(counts["refused"] == 0)
    }

    @Test("hears of each refusal by its code, once")
    func refusals() async throws {
        let counts = Counts()
        try await TestServer.run(observer: counts) {
            $0.bodyLimit = 3
            $0.timeouts.header = .milliseconds(100)
        } answer: { request in
            do throws(RequestBodyError) {
                return .text("\(try await request.body.collect().count)")
            } catch {
                return .text("\(error.code)", status: .contentTooLarge)
            }
        } _: { server in
            let refused = [
                "GET / HTTP/9.9\r\n\r\n": "H1-VERSION-UNSUPPORTED",
                "GET / HTTP/1.1\r\n\r\n": "H1-HOST-MISSING",
                "GET / HTTP/1.1\r\n": "H1-HEADER-TIMEOUT",
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody": "H1-BODY-LARGE",
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n": "H1-CHUNK-SIZE",
            ]
            for (message, code) in refused {
                let response = try await server.exchange(message)
                #expect(response.status >= 400)
                #expect(counts[code] == 1, "\(code)")
            }
        }
    }

    @Test("hears of connections beyond what an address may have")
    func perAddress() async throws {
        let counts = Counts()
        try await TestServer.run(observer: counts) {
            $0.connectionsPerAddress = 1
        } _: { server in
            try await server.connect { first in
                try first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try first.receiveResponse().status == 200)
                for _ in 0..<3 {
                    let further = try RawConnection(port: server.port)
                    #expect(try further.receive().isEmpty)
                }
            }
            #expect(counts["refused"] == 3)
            #expect(counts["opened"] == 1)
        }
        #expect(counts["closed"] == 1)
    }

    @Test("hears of a loop that was blocked")
    func blocked() async throws {
        let counts = Counts()
        try await TestServer.run(observer: counts) {
            $0.blockThreshold = .milliseconds(10)
        } answer: { request in
            if request.path == "/slow" { block() }
            return .text("ok")
        } _: { server in
            _ = try await server.exchange("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await isSoon { counts["blocked"] == 1 })
        }
    }
}
