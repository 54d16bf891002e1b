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
        let requests = [7, 506, 507, 60_000].map { (time: $0, waited: Self.late) }
        #expect(admissions(requests) == [true, true, false, false])
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
