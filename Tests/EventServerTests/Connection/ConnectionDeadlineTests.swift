import HTTPTypes
import TestSupport
import Testing

@testable import EventServer

@Suite("A connection's deadline", .timeLimit(.minutes(1)))
struct ConnectionDeadlineTests {
    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test("ends a header section that dribbles in, with 408")
    func header() async throws {
        try await TestServer.run {
            $0.timeouts.header = .milliseconds(100)
        } _: { server in
            try await server.connect { connection in
                try connection.send(Self.get + "GET / HTTP/1.1\r\n")
                // As long as each byte comes in time, but all of them do not.
                for _ in 0..<1000 where !connection.isClosed(within: 10) { try? connection.send("a") }
                #expect(connection.isClosed(within: 0))
                #expect(try connection.receiveResponse().status == 200)
                let response = try connection.receiveResponse()
                #expect(response.status == 408)
                #expect(response.body.hasPrefix("H1-HEADER-TIMEOUT"))
                #expect(try connection.receive().isEmpty)
            }
        }
    }

    @Test("closes an idle connection without a word", arguments: ["", get, "\r\n"])
    func idle(text: String) async throws {
        try await TestServer.run {
            $0.timeouts.idle = .milliseconds(100)
        } _: { server in
            try await server.connect { connection in
                try connection.send(text)
                if text == Self.get { _ = try connection.receiveResponse() }
                #expect(try connection.receive().isEmpty)
            }
        }
    }

    @Test("ends a body that stalls: its reader gets an error, and the connection closes")
    func body() async throws {
        try await TestServer.run {
            $0.timeouts.body = .milliseconds(100)
        } answer: { request in
            do throws(RequestBodyError) {
                _ = try await request.body.collect()
                return .text("whole")
            } catch {
                return .text("\(error.code)", status: error.code == .timedOut ? .requestTimeout : .badRequest)
            }
        } _: { server in
            try await server.connect { connection in
                try connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
                let text = try connection.receiveToEnd()
                #expect(text.hasPrefix("HTTP/1.1 408 "))
                #expect(text.contains("connection: close"))
            }
        }
    }

    @Test("closes where the rest of an unread body stalls")
    func unreadBody() async throws {
        try await TestServer.run {
            $0.timeouts.body = .milliseconds(100)
        } _: { server in
            try await server.connect { connection in
                try connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
                #expect(try connection.receiveResponse().status == 200)
                #expect(try connection.receive().isEmpty)
            }
        }
    }

    @Test("does not hurry a handler")
    func handler() async throws {
        let gate = Gate()
        try await TestServer.run {
            $0.timeouts.header = .milliseconds(40)
            $0.timeouts.idle = .milliseconds(40)
            $0.timeouts.body = .milliseconds(40)
            $0.timeouts.write = .milliseconds(40)
        } answer: { _ in
            await gate.opened()
            return .text("late")
        } _: { server in
            try await server.connect { connection in
                try connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhiGET /half")
                #expect(!connection.isClosed(within: 300))
                gate.open()
                #expect(try connection.receiveResponse().body == "late")
            }
        }
    }

    @Test("closes where a response is not taken, even if the client goes on sending")
    func write() async throws {
        let large = [UInt8](repeating: 0x61, count: 16_000_000)
        let ended = Gate()
        try await TestServer.run {
            $0.timeouts.write = .milliseconds(500)
        } answer: { _ in
            var response = Response(status: .ok, body: large)
            response.whenSent { outcome in if !outcome.isDelivered { ended.open() } }
            return response
        } _: { server in
            try await server.connect { connection in
                try connection.send(Self.get)
                var isClosed = false
                for _ in 0..<1000 where !isClosed {
                    try? connection.send("a")
                    isClosed = connection.isClosed(within: 10)
                }
                #expect(isClosed)
            }
            await ended.opened()
        }
    }
}
