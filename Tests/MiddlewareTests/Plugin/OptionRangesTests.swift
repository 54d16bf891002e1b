import Baton
import Foundation
import Testing

/// What the author of a plug-in can say of options beside their types.
@Suite struct OptionRangesTests {
    private struct Limited: MiddlewarePlugin {
        static let name = "limited"

        struct Options: Decodable {
            enum Mode: String, Decodable { case soft, hard }

            let limit: Int
            let burst: Int?
            let share: Double
            let wait: Duration
            let size: ByteCount
            let mode: Mode
            let names: [String]
            let level: UInt8

            private enum CodingKeys: CodingKey {
                case limit, burst, share, wait, size, mode, names, level
            }

            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                limit = try container.decode(Int.self, forKey: .limit, in: 1...100)
                burst = try container.decodeIfPresent(Int.self, forKey: .burst, in: 2...200)
                share = try container.decode(Double.self, forKey: .share, in: 0...0.5, default: 0.25)
                wait = try container.decode(Duration.self, forKey: .wait, default: .seconds(90))
                size = try container.decode(ByteCount.self, forKey: .size, default: ByteCount(65_536))
                mode = try container.decode(Mode.self, forKey: .mode, default: .soft)
                names = try container.decode([String].self, forKey: .names, default: ["a"])
                level = try container.decode(UInt8.self, forKey: .level, in: 1...9, default: 5)
            }
        }

        init(options: Options) {}

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            try await next(request, in: context)
        }
    }

    @Test func `what may be left out has its default, and the rest its value`() throws {
        let short = try Limited.options(yaml: "limit: 100")
        #expect(short.limit == 100 && short.burst == nil && short.share == 0.25 && short.wait == .seconds(90))
        #expect(short.size.bytes == 65_536 && short.mode == .soft && short.names == ["a"] && short.level == 5)
        let long = try Limited.options(
            yaml: "{limit: 1, burst: 2, share: 0, wait: 1s, size: 1KiB, mode: hard, names: [], level: 9}"
        )
        #expect(long.limit == 1 && long.burst == 2 && long.share == 0 && long.wait == .seconds(1))
        #expect(long.size.bytes == 1024 && long.mode == .hard && long.names == [] && long.level == 9)
    }

    @Test(arguments: [
        ("limit: 0", "1:8: limit: expected a number from 1 to 100, found 0"),
        ("limit: 101", "1:8: limit: expected a number from 1 to 100, found 101"),
        ("limit: 1\nburst: 1", "2:8: burst: expected a number from 2 to 200, found 1"),
        ("limit: 1\nshare: 0.75", "2:8: share: expected a number from 0 to 0.5, found 0.75"),
        ("limit: 1\nlevel: 10", "2:8: level: expected a number from 1 to 9, found 10"),
        ("share: 0.1", "1:1: limit: a value is missing"),
    ])
    func `a number outside of its range is told with its line`(_ yaml: String, _ message: String) {
        let error = #expect(throws: ConfigurationError.self) { try Limited.options(yaml: yaml) }
        #expect(error?.description == "./options.yml:\(message)")
    }

    @Test func `any other decoder reads the same`() throws {
        let json = Data(#"{"limit": 7, "share": 0.5, "wait": [2, 0]}"#.utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Limited.Options.self, from: Data("{}".utf8)) }
        #expect(try JSONDecoder().decode(Limited.Options.self, from: json).limit == 7)
        let wrong = Data(#"{"limit": 101}"#.utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Limited.Options.self, from: wrong) }
    }

    @Test func `ranges and defaults stand in the schema`() async throws {
        var app = try await Application(yaml: "")
        app.register(Limited.self)
        let schema = try JSONSerialization.jsonObject(with: Data(try app.configurationSchema.utf8))
        func node(_ path: [String]) throws -> String {
            var node: Any = schema
            for name in path {
                node = try #require(((node as? [String: Any])?["properties"] as? [String: Any])?[name], "\(path)")
            }
            let data = try JSONSerialization.data(withJSONObject: node, options: [.sortedKeys])
            return String(decoding: data, as: UTF8.self)
        }
        func option(_ plugin: String, _ name: String) throws -> String { try node(["middleware", plugin, name]) }
        #expect(try option("limited", "limit").contains(#"{"maximum":100,"minimum":1,"type":"integer"}"#))
        #expect(try option("limited", "burst").contains(#"{"maximum":200,"minimum":2,"type":"integer"}"#))
        #expect(try option("limited", "share").contains(#"{"maximum":0.5,"minimum":0,"type":"number"}"#))
        #expect(try option("limited", "share").contains(#""default":0.25"#))
        #expect(try option("limited", "wait").contains(#""default":"90s""#))
        #expect(try option("limited", "size").contains(#""default":"64KiB""#))
        #expect(try option("limited", "mode").contains(#""default":"soft""#))
        #expect(try option("limited", "names").contains(#""default":["a"]"#))
        #expect(try option("limited", "level").contains(#"{"maximum":9,"minimum":1,"type":"integer"}"#))
        #expect(try node(["middleware", "limited"]).contains(#""required":["limit"]"#))
        // The built-ins say theirs in the same words.
        #expect(try option("rate-limit", "requests").contains(#"{"maximum":1000000,"minimum":1,"type":"integer"}"#))
        #expect(try option("access-log", "sample").contains(#"{"maximum":1,"minimum":0,"type":"number"}"#))
        #expect(try option("session", "cookie").contains(#""default":"__Host-session""#))
    }
}
