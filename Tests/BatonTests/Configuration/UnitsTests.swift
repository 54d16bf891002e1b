import Testing

@testable import Baton

@Suite struct UnitsTests {
    private func settings(_ yaml: String) async throws -> Settings {
        let app = try await Application(yaml: yaml)
        try app.checkChain()
        return app.settings
    }

    @Test(arguments: [
        ("1ms", Duration.milliseconds(1)), ("500ms", .milliseconds(500)), ("10s", .seconds(10)), ("2m", .seconds(120)),
        ("1h", .seconds(3600)), ("30d", .seconds(2_592_000)), ("1000000h", .seconds(3_600_000_000)),
        ("\"5s\"", .seconds(5)),
    ])
    func `a length of time has a unit`(_ text: String, _ duration: Duration) async throws {
        #expect(try await settings("server: {timeouts: {idle: \(text)}}").server.timeouts.idle == duration)
    }

    @Test(arguments: [
        "1", "0s", "-1s", "1.5s", "1 s", "s", "ms", "1S", "1w", "+1s", "01s", "1_0s", "1000001s",
        "99999999999999999999h", "1e3s", "0x1s", "١s", "1ss", "inf",
        "[1s]", "''",
    ])
    func `any other length of time is refused`(_ text: String) async {
        let error = await #expect(throws: ConfigurationError.self) {
            try await settings("server: {timeouts: {idle: \(text)}}")
        }
        #expect(error?.description.contains("server.timeouts.idle") == true)
    }

    @Test(arguments: [
        ("1", 1), ("512", 512), ("64KiB", 65_536), ("1MiB", 1_048_576), ("2GiB", 2_147_483_648), ("1024GiB", 1 << 40),
    ])
    func `a size is a number of bytes, or has a unit`(_ text: String, _ bytes: Int) async throws {
        #expect(try await settings("server: {limits: {body: \(text)}}").server.bodyLimit == bytes)
    }

    @Test(arguments: [
        "0", "-1", "1.5MiB", "1KB", "1kib", "1 KiB", "KiB", "+1", "01", "1_000", "0x10", "1025GiB",
        "9223372036854775807GiB",
        "99999999999999999999", "1e3", "MiB1", "''",
    ])
    func `any other size is refused`(_ text: String) async {
        let error = await #expect(throws: ConfigurationError.self) {
            try await settings("server: {limits: {body: \(text)}}")
        }
        #expect(error?.description.contains("server.limits.body") == true)
    }

    @Test(arguments: [
        ("server: {port: 65535}", true), ("server: {port: 65536}", false), ("server: {loops: 1024}", true),
        ("server: {loops: 1025}", false),
        ("server: {backlog: 0}", false), ("server: {limits: {fieldCount: 0}}", false),
        ("server: {limits: {fieldCount: 10000}}", true),
        ("pool: {workers: 1024}", true), ("pool: {workers: 1025}", false), ("pool: {workers: -1}", false),
        ("pool: {queueLimit: 0}", false),
        ("pool: {queueLimit: 10000000}", true), ("pool: {queueLimit: 10000001}", false),
    ])
    func `a number lies in its range`(_ yaml: String, _ isFine: Bool) async {
        let isAccepted = (try? await settings(yaml)) != nil
        #expect(isAccepted == isFine)
    }
}
