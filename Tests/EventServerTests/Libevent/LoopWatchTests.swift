import HTTPTypes
import Testing

@testable import EventServer

@Suite("The watch over a loop")
struct LoopWatchTests {
    private let watch = LoopWatch()

    private func head(_ path: String) -> RequestHead {
        let draft = RequestHeadDraft(path: 0..<path.utf8.count)
        return RequestHead(draft, method: .get, bytes: Array(path.utf8))
    }

    @Test("tells what runs, and how long it took")
    func run() {
        #expect(watch.current == nil)
        #expect(watch.begin(head("/a"), at: .seconds(1)))
        #expect(watch.current?.head?.path == "/a")
        #expect(watch.current?.since == .seconds(1))
        #expect(watch.end(at: .seconds(3)) == .seconds(2))
        #expect(watch.current == nil)
    }

    @Test("takes a run inside of one for the same request as a part of it")
    func part() {
        let head = head("/a")
        #expect(watch.begin(head, at: .seconds(1)))
        #expect(!watch.begin(head, at: .seconds(2)))
        #expect(watch.end(at: .seconds(4)) == .seconds(3))
    }

    @Test("names the request that runs inside of another one's run, and takes its time from the other's")
    func nested() {
        #expect(watch.begin(head("/a"), at: .seconds(1)))
        #expect(watch.begin(head("/b"), at: .seconds(2)))
        #expect(watch.current?.head?.path == "/b")
        #expect(watch.current?.since == .seconds(2))
        #expect(watch.end(at: .seconds(7)) == .seconds(5))
        #expect(watch.current?.head?.path == "/a")
        #expect(watch.end(at: .seconds(8)) == .seconds(2))
    }

    @Test("knows no time of a run that has not begun")
    func lonelyEnd() {
        #expect(watch.end(at: .seconds(1)) == .zero)
    }
}
