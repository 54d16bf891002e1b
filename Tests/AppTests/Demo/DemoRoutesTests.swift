import Baton
import TestSupport
import Testing

@testable import App

@Suite(.timeLimit(.minutes(1))) struct DemoRoutesTests {
    @Test func helloIsPlainText() async throws {
        try await DemoApplication.run { app in
            let response = try await app.request("GET /hello")
            #expect(response.body == "Hello, World!")
            #expect(response.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(response.headers["x-request-id"]?.count == 13)
        }
    }

    @Test func homeSaysWhatRunsAndLinksToWhatCanBeTried() async throws {
        try await DemoApplication.run { app in
            let response = try await app.request("GET /")
            #expect(response.headers["content-type"] == "text/html; charset=utf-8")
            #expect(response.body.contains("request-id &rarr; access-log &rarr; auth &rarr; g &rarr; handler"))
            #expect(response.body.contains(#"<a href="/user/executor">"#))
            #expect(!response.body.contains(#"<a href="/orders/import">"#))
        }
    }

    @Test func homeShowsTheAddressThatItsReaderUsedUnlessAShellWouldStumbleOverIt() {
        let page = HomePage(chain: [], routes: [])
        #expect(page.html(reachedAt: "example.org:81").contains("curl http://example.org:81/operation-log"))
        #expect(page.html(reachedAt: "a;$(reboot)").contains("curl http://127.0.0.1:8080/operation-log"))
        #expect(page.html(reachedAt: "").contains("curl http://127.0.0.1:8080/operation-log"))
    }

    @Test func echoDescribesAGetAndReturnsABody() async throws {
        try await DemoApplication.run { app in
            let description = try await app.request("GET /echo?a=1", headers: ["X-Test": "yes"]).body
            #expect(description.contains(#""path":"/echo","query":"a=1""#))
            #expect(description.contains(#""x-test":"yes""#))
            for method in ["POST", "PUT", "PATCH", "DELETE", "PURGE"] {
                let response = try await app.request("\(method) /echo", headers: ["Content-Type": "a/b"], body: "back")
                #expect(response.body == "back")
                #expect(response.headers["content-type"] == "a/b")
            }
            #expect(try await app.request("POST /echo").body.isEmpty)
            #expect(try await app.request("HEAD /echo").body.isEmpty)
        }
    }

    @Test func whoamiKnowsTheBearerOfADemoToken() async throws {
        let token = try await AuthMiddleware.makeToken(for: "alice", secret: DemoApplication.secret)
        try await DemoApplication.run { app in
            let response = try await app.request("GET /whoami", headers: ["Authorization": "Bearer \(token)"])
            #expect(response.body == "alice\n")
            #expect(try await app.request("GET /whoami").status == 401)
            let forged = try await app.request("GET /whoami", headers: ["Authorization": "Bearer \(token)x"])
            #expect(forged.status == 401)
        }
    }

    @Test func oneLineOfLogForEachRequestNamesTheUser() async throws {
        let token = try await AuthMiddleware.makeToken(for: "alice", secret: DemoApplication.secret)
        try await DemoApplication.run { app in
            _ = try await app.request("GET /whoami", headers: ["Authorization": "Bearer \(token)"])
            _ = try await app.request("GET /nowhere", headers: ["X-Request-ID": "abc-1"])
            // The line follows the response: the next exchange has it behind it for certain.
            _ = try await app.request("GET /hello")
            let lines = app.logs.lines.filter { $0.message == "request" }
            let known = try #require(lines.first { $0.metadata["path"] == "/whoami" })
            #expect(known.metadata["user"] == "alice")
            #expect(known.metadata["status"] == "200")
            let unknown = try #require(lines.first { $0.metadata["path"] == "/nowhere" })
            #expect(unknown.metadata["status"] == "404")
            #expect(unknown.metadata["request-id"] == "abc-1")
        }
    }
}
