import Testing

@testable import Middleware

@Suite struct PreferencesTests {
    @Test(arguments: [
        ("gzip", 1000), ("gzip;q=0.5", 500), ("GZIP ; Q=0.25", 250), ("a, b;q=0, gzip;q=1.000", 1000),
        ("gzip;q=0.001", 1),
        ("gzip;level=1;q=0.3", 300), ("gzip;q=0", 0), ("gzip;q=0.", 0), ("gzip;q=0, gzip", 0),
    ])
    func `a weight is read as it is written`(_ field: String, _ weight: Int) {
        #expect(Preferences([field]).weight(of: "gzip") == weight)
    }

    @Test(arguments: [
        "", ",,", ";q=1", "gzip;q=2", "gzip;q =0", "gzip; q\t= 0", "gzip;q", "gzip;q=\u{301}0",
        "gzip;q=1.001", "gzip;q=-1", "gzip;q=0.0001", "gzip;q=", "gzip;q=٠", "gzip;q=1e0",
        "x",
    ])
    func `what cannot be read is left out`(_ field: String) {
        #expect(Preferences([field]).weight(of: "gzip") == nil)
    }

    @Test func `the most specific name decides`() {
        let preferences = Preferences(["*/*;q=0.1, text/*;q=0.5", "text/html;q=0"])
        #expect(preferences.weight(of: "text/html", "text/*", "*/*") == 0)
        #expect(preferences.weight(of: "text/plain", "text/*", "*/*") == 500)
        #expect(preferences.weight(of: "image/png", "image/*", "*/*") == 100)
    }

    @Test func `a flood of choices is cut off`() {
        let field = String(repeating: "a,", count: 100_000) + "gzip"
        #expect(Preferences([field]).choices.count == 64)
        #expect(Preferences(Array(repeating: "b", count: 1000)).choices.count == 64)
    }
}
