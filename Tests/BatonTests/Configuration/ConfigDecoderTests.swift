import Testing

@testable import Baton

@Suite struct ConfigDecoderTests {
    private func decode<Value: Decodable>(_ type: Value.Type, _ yaml: String) throws -> Value {
        let overrides = ConfigOverrides(options: [:], environment: [:])
        return try ConfigFile(yaml: yaml, file: "c.yml", overrides: overrides).decode(at: []) { try Value(from: $0) }
    }

    private struct Everything: Decodable, Equatable {
        enum Mode: String, Decodable { case fast, safe }

        struct Part: Decodable, Equatable {
            var name: String
            var size: UInt8?
        }

        var text: String
        var number: Int
        var big: UInt64
        var real: Double
        var flag: Bool
        var mode: Mode
        var parts: [Part]
        var table: [String: [Int]]
        var maybe: String?
        var holes: [Part?]
    }

    private static let whole = """
        text: 007
        number: -5
        big: 18446744073709551615
        real: 1.5e3
        flag: true
        mode: safe
        parts:
          - name: a
            size: 255
          - {name: "b: c"}
        table: {x: [1, 2], y: []}
        maybe: ~
        holes: [{name: d}, ~]
        """

    @Test func `every shape of Decodable is read`() throws {
        let value = try decode(Everything.self, Self.whole)
        #expect(value.text == "007")
        #expect(value.number == -5)
        #expect(value.big == .max)
        #expect(value.real == 1500)
        #expect(value.flag)
        #expect(value.mode == .safe)
        #expect(value.parts == [Everything.Part(name: "a", size: 255), Everything.Part(name: "b: c")])
        #expect(value.table == ["x": [1, 2], "y": []])
        #expect(value.maybe == nil)
        #expect(value.holes == [Everything.Part(name: "d"), nil])
    }

    @Test(arguments: [
        ("number: -5", "c.yml:1:1: number: a value is missing"),
        ("size: 255", "c.yml:9:11: parts.0.size: expected a whole number, found \"256\""),
        ("flag: true", "c.yml:5:7: flag: expected true or false, found \"maybe\""),
        ("real: 1.5e3", "c.yml:4:7: real: expected a number, found \"nan\""),
        ("x: [1, 2]", "c.yml:11:16: table.x.1: expected a whole number, found \"b\""),
        ("holes: [{name: d}, ~]", "c.yml:13:9: holes.0.name: a value is missing; did you mean it by \"nam\"?"),
        ("- {name: \"b: c\"}", "c.yml:10:15: parts.1.nme: unknown key; did you mean \"name\"? Known: name, size."),
    ])
    func `a mistake is shown where it stands`(_ line: String, _ message: String) throws {
        let replacements = [
            "number: -5": "# none", "size: 255": "size: 256", "flag: true": "flag: maybe", "real: 1.5e3": "real: nan",
            "x: [1, 2]": "x: [1, b]", "holes: [{name: d}, ~]": "holes: [{nam: d}, ~]",
            "- {name: \"b: c\"}": "- {name: b, nme: c}",
        ]
        let yaml = Self.whole.replacing(line, with: replacements[line] ?? "")
        let error = #expect(throws: ConfigurationError.self) { try decode(Everything.self, yaml) }
        #expect(error?.description == message)
    }

    private struct Demanding: Decodable {
        var tenants: [String]
        var plans: [String: Int]
        var marks: Set<String>
    }

    @Test(arguments: [
        ("plans: {}\nmarks: []", "c.yml:1:1: tenants: a list is missing"),
        ("tenants:\nplans: {}\nmarks: []", "c.yml:1:1: tenants: expected a list ([] for an empty one), found nothing"),
        ("tenants: []\nmarks: []", "c.yml:1:1: plans: a map is missing"),
        ("tenants: []\nplans: ~\nmarks: []", "c.yml:2:1: plans: expected a map ({} for an empty one), found nothing"),
        ("tenants: []\nplans: {}", "c.yml:1:1: marks: a list is missing"),
        ("tenant: []\nplans: {}\nmarks: []", "c.yml:1:1: tenants: a list is missing; did you mean it by \"tenant\"?"),
    ])
    func `a list or a map that must be there is missed, and not taken for an empty one`(
        _ yaml: String,
        _ message: String
    ) {
        let error = #expect(throws: ConfigurationError.self) { try decode(Demanding.self, yaml) }
        #expect(error?.description == message)
    }

    @Test func `an empty list and an empty map are there`() throws {
        let value = try decode(Demanding.self, "tenants: []\nplans: {}\nmarks: []")
        #expect(value.tenants.isEmpty && value.plans.isEmpty && value.marks.isEmpty)
    }

    @Test(arguments: ["inf", "-inf", "nan", "0x1p3", "1e999", "1,5", "'1.5'"])
    func `a number is finite and decimal`(_ text: String) {
        #expect(throws: ConfigurationError.self) { try decode([String: Double].self, "a: \(text)") }
    }

    @Test func `an optional of a list or a map is read, and not taken for nothing`() throws {
        #expect(try decode([String: [Int]?].self, "a: [1]\nb: ~") == ["a": [1], "b": nil])
        #expect(try decode([String: [String: Int]?].self, "a: {b: 1}") == ["a": ["b": 1]])
    }
}
