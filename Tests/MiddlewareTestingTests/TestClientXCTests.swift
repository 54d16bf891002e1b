import Baton
import MiddlewareTesting
import XCTest

/// The same with XCTest, which knows neither arguments nor `#expect`.
final class TestClientXCTests: XCTestCase {
    func testItWorksWithXCTestAtBothDepths() async throws {
        var app = try await Application(yaml: "log: {level: warning}")
        app.router.get("/hello") { _, _ in .text("Hello!") }
        for depth in TestDepth.allCases {
            let text = try await app.test(depth) { client in try await client.get("/hello").text }
            XCTAssertEqual(text, "Hello!")
        }
    }
}
