import Testing

@testable import ContextPool

@Suite("Ids of jobs")
struct JobIDTests {
    @Test("an id is 32 digits, another one each time, and read back from its text")
    func idsAreTexts() {
        let ids = (0..<1000).map { _ in JobID() }
        #expect(Set(ids).count == 1000)
        for id in ids {
            #expect(id.description.count == 32)
            #expect(JobID(id.description) == id)
        }
        let zeros = String(repeating: "0", count: 30) + "0a"
        #expect(JobID(zeros)?.description == zeros)
    }

    @Test(
        "what a client sends in place of an id is none",
        arguments: [
            "", "7", "+" + String(repeating: "0", count: 31), String(repeating: "0", count: 16) + "-000000000000001",
            String(repeating: "A", count: 32), String(repeating: "0", count: 33),
            String(repeating: "\u{e9}", count: 16),
            String(repeating: "0", count: 31) + "\u{301}", String(repeating: "0", count: 31) + "\n", "../../etc/passwd",
        ]
    )
    func strangersAreNone(text: String) { #expect(JobID(text) == nil) }
}
