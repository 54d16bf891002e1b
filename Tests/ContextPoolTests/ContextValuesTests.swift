import Testing

@testable import ContextPool

@Suite("ContextValues")
struct ContextValuesTests {
    @Test("a key that was never written reads as its default")
    func unwrittenKeysReadAsDefault() {
        let values = ContextValues()
        #expect(values.user == "nobody")
        #expect(values.count == 0)
        #expect(values.secret == nil)
        #expect(values[named: "anything"] == nil)
        #expect(values.names.isEmpty)
    }

    @Test("the last write counts")
    func lastWriteCounts() {
        var values = ContextValues()
        values.count = 1
        values.count = 2
        values.count += 40
        #expect(values.count == 42)
        #expect(values.names == ["count"])
    }

    @Test("a copy and its original are independent, both ways")
    func copiesAreIndependent() {
        var original = ContextValues()
        original.user = "original"
        var copy = original
        copy.user = "copy"
        copy.count = 1
        original.secret = "late"
        #expect(original.user == "original")
        #expect(original.count == 0)
        #expect(copy.user == "copy")
        #expect(copy.secret == nil)
    }

    @Test("MM7: an optional that is written as nil is nil, not its default")
    func nilIsAValue() {
        var values = ContextValues()
        #expect(values[DefaultedKey.self] == "default")
        values[DefaultedKey.self] = nil
        #expect(values[DefaultedKey.self] == nil)
        values[DefaultedKey.self] = "x"
        #expect(values[DefaultedKey.self] == "x")
    }

    @Test("an optional of an optional keeps its depth", arguments: [nil, .some(nil), .some(.some(1))] as [Int??])
    func nestedOptionalsKeepTheirDepth(value: Int??) {
        var values = ContextValues()
        values[NestedKey.self] = value
        #expect(values[NestedKey.self] == value)
    }

    @Test("two keys of one name are two slots when their types differ, and one when they do not")
    func slotsAreNameAndType() {
        var values = ContextValues()
        values[NumberKey.self] = 7
        values[TextKey.self] = "seven"
        #expect(values[NumberKey.self] == 7)
        #expect(values[TextKey.self] == "seven")
        #expect(values[named: "same"] == "seven")
        values[named: "same"] = "eight"
        #expect(values[TextKey.self] == "eight")
        #expect(values[NumberKey.self] == 7)
        values[named: "same"] = nil
        #expect(values[TextKey.self] == nil)
    }

    @Test("names may be anything", arguments: ["", " ", "a.b", "\u{0}", "é", String(repeating: "x", count: 10_000)])
    func namesMayBeAnything(name: String) {
        var values = ContextValues()
        values[named: name] = "here"
        #expect(values[named: name] == "here")
        #expect(values[named: name + "!"] == nil)
        #expect(values.names == [name])
    }

    @Test("what travels is every copied key and no cleared one")
    func onlyCopiedKeysTravel() {
        var values = ContextValues()
        values.secret = "password"
        values.user = "ann"
        values[named: "tenant"] = "acme"
        let travelling = values.travelling
        #expect(travelling.names == ["user", "tenant"])
        #expect(travelling.secret == nil)
        #expect(values.names == ["user", "tenant", "secret"])
        #expect(values.secret == "password")
    }

    @Test("a cleared value cannot be read by its name, nor a copied one of the same name be mistaken for it")
    func clearedKeysHaveTheirOwnSlots() {
        var values = ContextValues()
        values.secret = "password"
        #expect(values[named: "secret"] == nil)
        values[named: "secret"] = "public"
        #expect(values.secret == "password")
        #expect(values.travelling.secret == nil)
        #expect(values.travelling[named: "secret"] == "public")
    }
}

private enum DefaultedKey: ContextKey {
    static let name = "defaulted"
    static let defaultValue: String? = "default"
}

private enum NestedKey: ContextKey {
    static let name = "nested"
    static let defaultValue: Int?? = .some(.some(99))
}

private enum NumberKey: ContextKey {
    static let name = "same"
    static let defaultValue: Int? = nil
}

private enum TextKey: ContextKey {
    static let name = "same"
    static let defaultValue: String? = nil
}
