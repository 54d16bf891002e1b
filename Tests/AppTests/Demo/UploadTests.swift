import TestSupport
import Testing

@testable import App

@Suite(.timeLimit(.minutes(1))) struct UploadTests {
    private static func form(_ content: String) -> String {
        """
        --b\r
        Content-Disposition: form-data; name="file"; filename="a.txt"\r
        \r
        \(content)\r
        --b--\r

        """
    }

    @Test(arguments: [5, 200_000])
    func whatWasInTheFormIsTold(size: Int) async throws {
        try await DemoApplication.run { app in
            let response = try await app.request(
                "POST /upload",
                headers: ["Content-Type": "multipart/form-data; boundary=b"],
                body: Self.form(String(repeating: "a", count: size))
            )
            #expect(response.status == 200)
            #expect(response.body.contains(#""size":\#(size)"#))
            #expect(response.body.contains(#""isOnDisk":\#(size > 65_536)"#))
            #expect(response.body.contains(#""filename":"a.txt""#))
        }
    }

    @Test func whatIsNoFormIsRefused() async throws {
        try await DemoApplication.run { app in
            let untyped = try await app.request("POST /upload", body: "x")
            #expect(untyped.status == 415)
            let headers = ["Content-Type": "multipart/form-data; boundary=b"]
            let unfinished = try await app.request("POST /upload", headers: headers, body: "--b\r\n")
            #expect(unfinished.status == 400)
        }
    }
}
