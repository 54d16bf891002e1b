import HTTPTypes
import TestSupport
import Testing

@testable import EventServer

@Suite("Content that breaks while its request is answered", .timeLimit(.minutes(1)))
struct BrokenInputTests {
    @Test("ends the connection after the answer, which nothing follows")
    func endsAfterStream() async throws {
        let gate = Gate()
        try await TestServer.answering { _ in
            Response(
                status: .ok,
                body: .stream { writer in
                    try await writer.write("begun")
                    await gate.opened()
                    try await writer.write("ended")
                }
            )
        } during: { server in
            try await server.connect { connection in
                try connection.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
                var text = ""
                while !text.contains("begun") { text += String(decoding: try connection.receive(), as: UTF8.self) }
                try connection.send("broken\r\nGET /never HTTP/1.1\r\nHost: x\r\n\r\n")
                while !server.logs.lines.contains(where: { $0.metadata["code"] == "H1-CHUNK-SIZE" }) {}
                gate.open()
                text += try connection.receiveToEnd()
                #expect(text.hasSuffix("ended\r\n0\r\n\r\n"))
                #expect(text.statuses == [200])
            }
        }
    }
}
