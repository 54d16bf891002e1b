import EventServer
import HTTPTypes
import Middleware
import Testing

@Suite struct ResponseJSONTests {
    @Test func `equal values give equal bytes`() throws {
        let response = try Response.json(["b": "x/y", "a": "ü"], status: .created)
        #expect(response.text == #"{"a":"ü","b":"x/y"}"#)
        #expect(response.status == .created)
        #expect(response.headers[.contentType] == "application/json")
    }

    @Test func `a value that has no JSON throws`() {
        #expect(throws: EncodingError.self) { try Response.json([Double.nan]) }
    }
}
