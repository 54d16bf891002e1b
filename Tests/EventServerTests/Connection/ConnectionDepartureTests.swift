import HTTPTypes
import TestSupport
import Testing

@testable import EventServer

@Suite("A client that leaves while its handler runs", .timeLimit(.minutes(1)))
struct ConnectionDepartureTests {
    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    /// Serves with a handler that waits until it is cancelled, and tells of the outcome.
    private func serve(
        readsBody: Bool = false,
        _ body: @escaping @Sendable (TestServer, Gate, AsyncStream<ResponseOutcome>) async throws -> Void
    ) async throws {
        let isStarted = Gate()
        let outcomes = AsyncStream.makeStream(of: ResponseOutcome.self)
        try await TestServer.run {
            // The clock by which departures are looked for ticks as often as the shortest timeout demands.
            $0.timeouts.header = .milliseconds(200)
        } answer: { request in
            isStarted.open()
            await untilCancelled()
            var response = Response.text(Task.isCancelled ? "cancelled" : "whole")
            response.whenSent { outcomes.continuation.yield($0) }
            return response
        } _: { server in
            try await body(server, isStarted, outcomes.stream)
        }
    }

    private func expectDeparture(_ outcomes: AsyncStream<ResponseOutcome>) async {
        var iterator = outcomes.makeAsyncIterator()
        let outcome = await iterator.next()
        #expect(outcome?.ending == .clientLeft)
        #expect(outcome?.status.code == 499)
    }

    @Test("by closing is noticed, and its handler is cancelled")
    func close() async throws {
        try await serve { server, isStarted, outcomes in
            try await server.connect { connection in
                try connection.send(Self.get)
                isStarted.wait()
            }
            await expectDeparture(outcomes)
        }
    }

    @Test("by a reset is noticed, and its handler is cancelled")
    func reset() async throws {
        try await serve { server, isStarted, outcomes in
            try await server.connect { connection in
                try connection.send(Self.get)
                isStarted.wait()
                connection.reset()
            }
            await expectDeparture(outcomes)
        }
    }

    @Test("is noticed behind more than is read ahead", arguments: [true, false])
    func unread(isReset: Bool) async throws {
        try await serve { server, isStarted, outcomes in
            try await server.connect { connection in
                try connection.send(Self.get)
                isStarted.wait()
                // More than that would keep even the news of the end from arriving.
                _ = connection.flood([UInt8](repeating: 0x61, count: 10_000), limit: 80_000, patience: 200)
                if isReset { connection.reset() }
            }
            await expectDeparture(outcomes)
        }
    }

    /// Of a body of known length all is taken in that the stream holds, or a part of it is left in the socket.
    @Test("is noticed within a body that nobody reads", arguments: [65_536, 90_000], [true, false])
    func withinABody(sent: Int, isReset: Bool) async throws {
        try await serve { server, isStarted, outcomes in
            try await server.connect { connection in
                try connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
                isStarted.wait()
                try connection.send([UInt8](repeating: 0x61, count: sent))
                if isReset { connection.reset() }
            }
            await expectDeparture(outcomes)
        }
    }

    @Test("gets its answer where it has only finished sending", arguments: ["HTTP/1.1", "HTTP/1.0"])
    func halfClose(version: String) async throws {
        let gate = Gate()
        try await TestServer.run {
            $0.timeouts.header = .milliseconds(200)
        } answer: { _ in
            await gate.opened()
            return .text(Task.isCancelled ? "cancelled" : "whole")
        } _: { server in
            try await server.connect { connection in
                try connection.send("GET / \(version)\r\nHost: x\r\n\r\n")
                connection.finishSending()
                // A client of 1.1 is asked whether it is there, by what it may discard.
                let question = "HTTP/1.1 100 Continue\r\n\r\n"
                if version == "HTTP/1.1" { #expect(try connection.receive(until: question) == question) }
                gate.open()
                let text = try connection.receiveToEnd()
                #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(text.hasSuffix("\r\n\r\nwhole"))
            }
        }
    }

    @Test("is asked nothing where its answer comes at once")
    func quick() async throws {
        try await TestServer.run { server in
            try await server.connect { connection in
                try connection.send(Self.get)
                connection.finishSending()
                #expect(try connection.receiveToEnd().hasPrefix("HTTP/1.1 200 "))
            }
        }
    }
}
