import Middleware
import Testing

@Suite struct TraceContextTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let span = "00f067aa0ba902b7"

    @Test func `a trace is read, and written as it was`() throws {
        let text = "00-\(Self.trace)-\(Self.span)-01"
        let context = try #require(TraceContext(traceparent: [text], tracestate: ["a=1", "b=2"]))
        #expect(context.traceID == Self.trace)
        #expect(context.parentID == Self.span)
        #expect(context.flags == 1)
        #expect(context.state == "a=1,b=2")
        #expect(context.traceparent == text)
    }

    @Test func `a later version may have more parts`() {
        #expect(
            TraceContext(traceparent: ["cc-\(Self.trace)-\(Self.span)-00-more"])?.traceparent.hasPrefix("00-") == true
        )
    }

    @Test(arguments: [
        "", "00", "00-\(Self.trace)-\(Self.span)", "ff-\(Self.trace)-\(Self.span)-01",
        "00-\(Self.trace)-\(Self.span)-01-more",
        "00-\(Self.trace)-\(Self.span)-1",
        "00-\(String(repeating: "0", count: 32))-\(Self.span)-01", "00-\(Self.trace)-0000000000000000-01",
        "00-\(Self.span)-\(Self.trace)-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-\(Self.span)-01", "0x-\(Self.trace)-\(Self.span)-01",
        "00-\(Self.trace)-\(Self.span)-0g",
        " 00-\(Self.trace)-\(Self.span)-01", "00--\(Self.trace)-\(Self.span)-01", "00-\(Self.trace)-\(Self.span)-+1",
    ])
    func `what is no trace is none`(_ text: String) {
        #expect(TraceContext(traceparent: [text]) == nil)
    }

    @Test func `of two traces none is believed`() {
        let text = "00-\(Self.trace)-\(Self.span)-01"
        #expect(TraceContext(traceparent: [text, text]) == nil)
    }

    @Test(arguments: [String(repeating: "a", count: 513), "a=\u{1}", "a=ü", ""])
    func `a state with a mistake is left out`(_ state: String) throws {
        let context = try #require(TraceContext(traceparent: ["00-\(Self.trace)-\(Self.span)-01"], tracestate: [state]))
        #expect(context.state == nil)
    }
}
