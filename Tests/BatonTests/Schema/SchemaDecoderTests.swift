import Foundation
import Testing

@testable import Baton

@Suite struct SchemaDecoderTests {
    private enum Mode: String, Decodable, CaseIterable {
        case fast, slow
    }

    private struct Odd: Decodable {
        init(from decoder: any Decoder) throws {
            let text = try decoder.singleValueContainer().decode(String.self)
            guard text == "odd" else {
                throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not odd"))
            }
        }
    }

    private struct Options: Decodable {
        struct Part: Decodable {
            var size: ByteCount
        }

        var odd: Odd?
        var name: String
        var wait: Duration?
        var mode: Mode?
        var count: UInt8
        var parts: [Part]
        var table: [String: Bool]?
        var key: Secret?
        var file: ConfigPath?
    }

    private func schema<Value: Decodable>(_ type: Value.Type) -> [String: Any] {
        SchemaDecoder.schema { _ = try Value(from: $0) }.json
    }

    private func text(_ value: Any?) throws -> String {
        let data = try JSONSerialization.data(withJSONObject: try #require(value), options: [.sortedKeys])
        return String(decoding: data, as: UTF8.self)
    }

    @Test func `what a type asks for is what may be written`() throws {
        let schema = schema(Options.self)
        let properties = try #require(schema["properties"] as? [String: [String: Any]])
        #expect(properties.keys.sorted() == ["count", "file", "key", "mode", "name", "odd", "parts", "table", "wait"])
        #expect(schema["additionalProperties"] as? Bool == false)
        #expect(try text(properties["mode"]).contains(#"{"enum":["fast","slow"]}"#))
        #expect(try text(properties["count"]).contains(#"{"maximum":255,"minimum":0,"type":"integer"}"#))
        #expect(try text(properties["wait"]).contains("(ms|s|m|h|d)"))
        #expect(try text(properties["parts"]).contains("KiB"))
        #expect(try text(properties["table"]).contains(#""additionalProperties":{"anyOf":[{"type":"boolean"}"#))
    }

    private struct Bounded: Decodable {
        private enum CodingKeys: CodingKey {
            case loops, size, wait
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            _ = try container.decodeNumber(.loops, in: 1...1024, default: 4)
            _ = try container.decodeSize(.size, default: 65_536)
            _ = try container.decodeDuration(.wait, default: .seconds(90))
        }
    }

    @Test func `a range and a default that a type knows stand in the schema`() throws {
        let properties = try #require(schema(Bounded.self)["properties"] as? [String: [String: Any]])
        #expect(try text(properties["loops"]).contains(#"{"maximum":1024,"minimum":1,"type":"integer"}"#))
        #expect(properties["loops"]?["default"] as? Int == 4)
        #expect(properties["size"]?["default"] as? String == "64KiB")
        #expect(properties["wait"]?["default"] as? String == "90s")
        #expect(schema(Bounded.self)["required"] == nil)
    }

    @Test func `what is not optional is required, but for maps of known keys`() {
        struct Demanding: Decodable {
            struct Part: Decodable {
                var size: ByteCount?
            }

            var part: Part
            var table: [String: Int]
        }
        #expect(schema(Options.self)["required"] as? [String] == ["name", "count", "parts"])
        #expect(schema(Demanding.self)["required"] as? [String] == ["table"])
    }

    @Test func `where a required value refuses all that can be made up, other keys are not called wrong`() {
        struct Demanding: Decodable {
            var odd: Odd
            var name: String?
        }
        #expect(schema(Demanding.self)["additionalProperties"] as? Bool == true)
        #expect(schema(Demanding.self)["required"] as? [String] == ["odd"])
    }

    @Test func `a type that never ends does not hang`() {
        struct Endless: Decodable {
            init(from decoder: any Decoder) throws {
                throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "never"))
            }
        }
        struct Tree: Decodable {
            var branches: [Tree]
            var named: [String: Tree]
        }
        #expect(schema(Tree.self).keys.contains("properties"))
        #expect(schema(Endless.self).isEmpty)
        #expect(schema([Endless].self).keys.sorted() == ["items", "type"])
    }

    @Test func `an enumeration tells what it knows`() async {
        struct Choosing: MiddlewarePlugin {
            static let name = "choosing"

            struct Options: Decodable {
                var mode: Mode?
            }

            init(options: Options) {}

            func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
                try await next(request, in: context)
            }
        }
        let error = #expect(throws: ConfigurationError.self) { try Choosing.options(yaml: "mode: fats") }
        #expect(
            error?.description
                == "./options.yml:1:7: mode: \"fats\" is not known here; did you mean \"fast\"? Known: fast, slow."
        )
    }

    @Test func `a plug-in's own options are in the schema, also under another name`() async throws {
        struct Named: MiddlewarePlugin {
            static let name = "named"

            struct Options: Decodable {
                var limit: Int
            }

            init(options: Options) {}

            func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
                try await next(request, in: context)
            }
        }
        var app = try await Application(yaml: "")
        app.register(Named.self)
        let schema = try #require(
            try JSONSerialization.jsonObject(with: Data(try app.configurationSchema.utf8)) as? [String: Any]
        )
        let middleware = try #require((schema["properties"] as? [String: [String: Any]])?["middleware"])
        #expect(try text(middleware["properties"]).contains(#""named":{"additionalProperties":false"#))
        #expect(try text(middleware["additionalProperties"]).contains(#""use":{"const":"named"}"#))
    }
}
