import Foundation
import Middleware
import Testing

@Suite struct OptionTypesTests {
    private struct Options: Decodable {
        var key: Secret?
        var size: ByteCount?
        var file: ConfigPath?
    }

    private func decode(_ json: String, folder: String? = nil) throws -> Options {
        let decoder = JSONDecoder()
        if let key = ConfigPath.folderKey, let folder { decoder.userInfo[key] = folder }
        return try decoder.decode(Options.self, from: Data(json.utf8))
    }

    @Test func `a secret tells itself only to who asks for its text`() throws {
        let options = try decode(#"{"key": "hunter2"}"#)
        #expect(options.key?.text == "hunter2")
        var dumped = ""
        dump(options, to: &dumped)
        for text in ["\(options)", String(reflecting: options), dumped] {
            #expect(!text.contains("hunter2"), "\(text)")
        }
        #expect(options.key == "hunter2")
    }

    @Test(arguments: [(1, "1"), (1000, "1000"), (1024, "1KiB"), (1536, "1536"), (1 << 20, "1MiB"), (3 << 30, "3GiB")])
    func `a byte count is described in the largest unit that fits`(_ bytes: Int, _ text: String) throws {
        #expect(ByteCount(bytes).description == text)
        #expect(try decode("{\"size\": \"\(text)\"}").size == ByteCount(bytes))
    }

    @Test(arguments: ["0", "-1", "1KB", "01", "", "9223372036854775807GiB"])
    func `any other byte count is refused`(_ text: String) {
        #expect(throws: DecodingError.self) { try decode("{\"size\": \"\(text)\"}") }
    }

    @Test func `a relative path is beside the configuration, an absolute one where it is`() throws {
        #expect(try decode(#"{"file": "keys/a.pem"}"#, folder: "/etc/baton").file?.path == "/etc/baton/keys/a.pem")
        #expect(try decode(#"{"file": "/keys/a.pem"}"#, folder: "/etc/baton").file?.path == "/keys/a.pem")
        #expect(try decode(#"{"file": "a.pem"}"#, folder: ".").file?.path == "a.pem")
        #expect(try decode(#"{"file": "a.pem"}"#).file?.path == "a.pem")
        #expect(ConfigPath("/").exists)
        #expect(!ConfigPath("/nowhere/to/be/found").exists)
    }

    @Test(arguments: [#""""#, #""a\u0000b""#, "7"])
    func `what is no path is refused`(_ text: String) {
        #expect(throws: DecodingError.self) { try decode("{\"file\": \(text)}") }
    }
}
