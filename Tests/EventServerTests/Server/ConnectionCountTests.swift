import TestSupport
import Testing

@testable import EventServer

@Suite(.timeLimit(.minutes(1))) struct ConnectionCountTests {
    @Test(arguments: [(0, 60, 30), (0, 1024, 768), (0, 20_000, 19_744), (100, 20_000, 100), (5000, 60, 30), (0, 1, 1)])
    func someDescriptorsAreLeftForTheRestOfTheProcess(wish: Int, descriptors: Int, limit: Int) {
        #expect(ConnectionCount(wish: wish, descriptors: descriptors).limit == limit)
    }

    @Test func nobodyEntersAboveTheLimitAndWhoLeavesMakesRoom() {
        let count = ConnectionCount(wish: 2, descriptors: 1024)
        #expect(count.enter())
        #expect(count.enter())
        #expect(!count.enter())
        #expect(count.current == 2)
        count.leave()
        #expect(count.enter())
    }

    @Test func aConnectionAboveTheLimitWaitsUntilAnotherOneIsClosed() async throws {
        try await TestServer.run {
            $0.connections = 2
            $0.loops = 1
        } _: { server in
            try await onThread {
                let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
                let early = try (0..<2).map { _ in try RawConnection(port: server.port) }
                for connection in early {
                    try connection.send(request)
                    #expect(try connection.receiveResponse().status == 200)
                }
                let late = try RawConnection(port: server.port)
                try late.send(request)
                // The loop has looked at the listening socket before it answers this.
                try early[0].send(request)
                #expect(try early[0].receiveResponse().status == 200)

                try early[1].send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(try early[1].receiveToEnd().hasPrefix("HTTP/1.1 200 OK"))
                #expect(try late.receiveResponse().status == 200)
            }
            #expect(server.logs.lines.filter { $0.message == "accepting pauses" }.count == 1)
        }
    }
}
