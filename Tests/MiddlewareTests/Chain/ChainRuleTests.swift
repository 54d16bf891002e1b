import Middleware
import Testing

@Suite struct ChainRuleTests {
    private func breaches(_ steps: (name: String, plugin: String, rules: [ChainRule])...) -> [String] {
        ChainRule.breaches(
            in: steps.map { ChainRule.Place(name: $0.name, plugin: $0.plugin, rules: $0.rules) }
        )
        .map { "\($0.place): \($0.message)" }
    }

    private let after = ChainRule.after("auth", because: "it asks for the user")
    private let before = ChainRule.before("cache", because: "it changes the answer")
    private let needs = ChainRule.needs("auth", because: "it asks for the user")

    @Test func `a chain that keeps its rules has no breach`() {
        #expect(breaches(("auth", "auth", []), ("a", "a", [after, before, needs]), ("cache", "cache", [])).isEmpty)
        #expect(breaches(("a", "a", [after, before])).isEmpty)
        #expect(breaches().isEmpty)
    }

    @Test func `who must come after another one and does not is named with the reason`() {
        #expect(
            breaches(("a", "a", [after]), ("auth", "auth", []))
                == ["0: \"a\" must stand after \"auth\", because it asks for the user"]
        )
    }

    @Test func `who must come before another one and does not is named with the reason`() {
        #expect(
            breaches(("cache", "cache", []), ("b", "b", []), ("a", "a", [before]))
                == ["2: \"a\" must stand before \"cache\", because it changes the answer"]
        )
    }

    @Test func `what is needed must be there, and stand before`() {
        #expect(
            breaches(("a", "a", [needs])) == [
                "0: \"a\" needs \"auth\" before it in the chain, because it asks for the user"
            ]
        )
        #expect(
            breaches(("a", "a", [needs]), ("auth", "auth", []))
                == ["0: \"a\" must stand after \"auth\", because it asks for the user"]
        )
    }

    @Test func `rules are about plug-ins, whatever their instances are called`() {
        #expect(
            breaches(("mine", "a", [after]), ("staff", "auth", []))
                == ["0: \"mine\" must stand after \"staff\", because it asks for the user"]
        )
        #expect(breaches(("auth", "other", []), ("a", "a", [needs])).count == 1)
    }

    @Test func `with several instances of the other one, all must stand on the right side`() {
        #expect(breaches(("one", "auth", []), ("a", "a", [after]), ("two", "auth", [])).count == 1)
        #expect(breaches(("one", "auth", []), ("a", "a", [needs]), ("two", "auth", [])).isEmpty)
    }

    @Test func `all breaches are found at once`() {
        #expect(breaches(("cache", "cache", []), ("a", "a", [after, before]), ("auth", "auth", [])).count == 2)
    }
}
