import Testing

@testable import EventServer

@Suite("A server-sent event")
struct ServerSentEventTests {
    private func text(_ event: ServerSentEvent) -> String { String(decoding: event.bytes, as: UTF8.self) }

    @Test("is its data and an empty line")
    func plain() {
        #expect(text(ServerSentEvent("hello")) == "data: hello\n\n")
        #expect(text(ServerSentEvent("")) == "data: \n\n")
    }

    @Test("has a name, an id and a time to come back after")
    func fields() {
        let event = ServerSentEvent("x", name: "tick", id: "7", retry: .milliseconds(1500))
        #expect(text(event) == "event: tick\nid: 7\nretry: 1500\ndata: x\n\n")
        #expect(text(ServerSentEvent("x", retry: .seconds(-1))) == "retry: 0\ndata: x\n\n")
    }

    @Test("keeps the lines of its data, whichever way they end")
    func lines() {
        #expect(text(ServerSentEvent("a\nb\r\nc\rd\n")) == "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n")
        #expect(text(ServerSentEvent("\r\r\n\n")) == "data: \ndata: \ndata: \ndata: \n\n")
    }

    @Test("cannot be made to carry another field by its name or id")
    func injection() {
        let event = ServerSentEvent("x", name: "a\ndata: evil", id: "1\r\n\r\ndata: evil")
        #expect(text(event) == "event: adata: evil\nid: 1data: evil\ndata: x\n\n")
    }
}
