import Testing

@testable import Baton

@Suite struct SuggestionTests {
    private let keys = [
        "host", "port", "loops", "backlog", "limits", "timeouts", "queueLimit", "apiKeys", "apiKeyHeader", "g", "auth",
    ]

    @Test(arguments: [
        ("prot", "port"), ("hots", "host"), ("Port", "port"), ("PORT", "port"), ("timeout", "timeouts"),
        ("limts", "limits"),
        ("queue-limit", "queueLimit"), ("queue_limit", "queueLimit"), ("queuelimit", "queueLimit"),
        ("apikeys", "apiKeys"),
        ("apiKey", "apiKeys"), ("G", "g"), ("auht", "auth"), ("loop", "loops"), ("liitz", "limits"),
    ])
    func `a mistyped name is recognised`(_ name: String, _ meant: String) {
        #expect(Suggestion.nearest(to: name, among: keys) == meant)
    }

    @Test(arguments: ["", "x", "xy", "address", "tls", "workers", "zzzz", String(repeating: "port", count: 1000)])
    func `what is near to nothing gets no suggestion`(_ name: String) {
        #expect(Suggestion.nearest(to: name, among: keys) == nil)
    }

    @Test func `of two equally near names it is always the same one`() {
        #expect(Suggestion.nearest(to: "body", among: ["bode", "bodx"]) == "bode")
        #expect(Suggestion.nearest(to: "body", among: ["bodx", "bode"]) == "bode")
    }

    @Test func `the advice names what there is, in order`() {
        #expect(
            Suggestion.advice(for: "prot", among: ["port", "host"]) == "; did you mean \"port\"? Known: host, port."
        )
        #expect(Suggestion.advice(for: "x", among: ["port", "host"]) == ". Known: host, port.")
        #expect(Suggestion.advice(for: "x", among: []) == ".")
    }
}
