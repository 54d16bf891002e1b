import Testing

@testable import EventServer

@Suite("The load shedder")
struct LoadShedderTests {
    private static let inTime = Duration.milliseconds(100)
    private static let late = Duration.milliseconds(101)

    /// What becomes of requests that come at these times, in milliseconds.
    private func admissions(_ requests: [(time: Int, waited: Duration)]) -> [Bool] {
        var shedder = LoadShedder(target: .milliseconds(100), interval: .milliseconds(500))
        return requests.map { request in
            let admits = shedder.admits(waited: request.waited, now: .milliseconds(request.time))
            #expect(shedder.isShedding == !admits)
            return admits
        }
    }

    @Test("admits everybody while nobody waits longer than the target")
    func calm() {
        #expect(admissions((0..<10).map { ($0 * 1000, Self.inTime) }).allSatisfy { $0 })
    }

    @Test("admits a burst that is over before the interval is")
    func burst() {
        #expect(admissions(stride(from: 0, to: 500, by: 10).map { ($0, .seconds(5)) }).allSatisfy { $0 })
    }

    @Test("refuses once all have waited too long for the interval, and not before")
    func refuses() {
        let requests = [7, 506, 507, 1000].map { (time: $0, waited: Self.late) }
        #expect(admissions(requests) == [true, true, false, false])
    }

    @Test("takes late requests with a calm between them for no overload", arguments: [602, 1000, 60_000])
    func calmBetween(time: Int) {
        #expect(admissions([(0, Self.late), (time, Self.late), (time * 2, Self.late)]).allSatisfy { $0 })
    }

    @Test("begins anew after a calm in which nobody came to tell it, though it was refusing")
    func calmAfterOverload() {
        let requests = [0, 500, 60_000, 60_499, 60_500].map { (time: $0, waited: Self.late) }
        #expect(admissions(requests) == [true, false, true, true, false])
    }

    @Test("takes a loop that looks at nobody for long for one overload, where somebody waits all the while")
    func blockedLoop() {
        let requests = [(0, Self.late), (5000, Duration.milliseconds(4900)), (9000, .milliseconds(3500))]
        #expect(admissions(requests) == [true, false, false])
    }

    @Test("begins anew with each request that was in time", arguments: [250, 501, 60_000])
    func recovers(time: Int) {
        let admitted = admissions([
            (0, Self.late), (time - 1, Self.late), (time, Self.inTime),
            (time + 1, Self.late), (time + 500, Self.late), (time + 501, Self.late),
        ])
        #expect(admitted[2...] == [true, true, true, false])
    }
}
