import HTTPTypes
import Testing

@testable import EventServer

@Suite("The fields of a response")
struct ResponseFieldsTests {
    private static let wrong = "a\r\nb: c\0"

    /// The first field that would be refused.
    private func fault(of fields: ResponseFields) -> HTTPField.Name? {
        fields.first { !ResponseFields.isRight($0.value) }?.name
    }

    @Test("are read as they were set")
    func everyday() {
        var fields: ResponseFields = [.contentType: "a/b", .setCookie: "a=1", .vary: "x"]
        fields[.contentType] = "c/d"
        fields[.vary] = nil
        fields.append(name: .setCookie, value: "b=2; Path=/")
        fields.append(HTTPField(name: .server, value: "s"))
        #expect(
            fields.map { "\($0)" } == ["Content-Type: c/d", "Set-Cookie: a=1", "Set-Cookie: b=2; Path=/", "Server: s"]
        )
        #expect(fields[.setCookie] == "a=1, b=2; Path=/")
        #expect(fields[values: .setCookie] == ["a=1", "b=2; Path=/"])
        #expect(fields.contains(.server) && !fields.contains(.vary))
        #expect(ResponseFields(HTTPFields(fields)) == fields)
        fields[values: .setCookie] = ["c"]
        #expect(fields.count == 3)
        fields.removeAll { $0.name == .server }
        #expect(fields == [.contentType: "c/d", .setCookie: "c"])
        fields.removeAll()
        #expect(fields.isEmpty)
    }

    @Test(
        "take blanks, tabs and bytes above ASCII for right",
        arguments: ["", " a ", "a\tb", "\u{E9}\u{20AC}", "\u{85}"]
    )
    func rightValues(value: String) {
        #expect(fault(of: [.server: value]) == nil)
    }

    @Test(
        "keep a wrong value wrong, however it was set",
        arguments: ["\r", "\n", "\0", "\r\n", "a\n", "\u{1}", "\u{7F}"]
    )
    func wrongValues(value: String) {
        let right: ResponseFields = [.contentType: "a/b"]
        let ways: [(inout ResponseFields) -> Void] = [
            { $0 = [.contentType: "a/b", .location: value] },
            { $0[.location] = value },
            { $0[values: .location] = ["a", value] },
            { $0.append(name: .location, value: value) },
            { $0.append(contentsOf: [.location: value] as ResponseFields) },
        ]
        for way in ways {
            var fields = right
            way(&fields)
            #expect(fault(of: fields) == .location)
            #expect(fields.allSatisfy { !$0.value.utf8.contains { [0, 10, 13].contains($0) } })
        }
    }

    @Test("are right again when what was wrong is set again, or removed")
    func corrected() {
        var fields: ResponseFields = [.location: Self.wrong, .server: Self.wrong]
        #expect(fault(of: fields) == .location)
        fields[.location] = "/"
        #expect(fault(of: fields) == .server)
        fields[.server] = nil
        #expect(fault(of: fields) == nil)
        #expect(fields == [.location: "/"])
    }
}
