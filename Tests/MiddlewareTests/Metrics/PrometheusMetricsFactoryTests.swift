import Metrics
import Testing

@testable import Middleware

@Suite struct PrometheusMetricsFactoryTests {
    private let factory = PrometheusMetricsFactory()

    private var lines: [String] { factory.text.split(separator: "\n").map(String.init) }

    @Test func `a counter has help, type and a line for each set of labels`() {
        Counter(label: "baton.requests", dimensions: [("route", "/b")], factory: factory).increment(by: 2)
        Counter(label: "baton.requests", dimensions: [("route", "/a")], factory: factory).increment()
        Counter(label: "baton.requests", dimensions: [("route", "/b")], factory: factory).increment()
        #expect(
            lines == [
                "# HELP baton_requests_total baton.requests", "# TYPE baton_requests_total counter",
                #"baton_requests_total{route="/a"} 1"#, #"baton_requests_total{route="/b"} 3"#,
            ]
        )
    }

    @Test func `a timer is a histogram in seconds, whose buckets add up`() {
        let timer = Timer(label: "wait", dimensions: [("a", "b")], factory: factory)
        timer.recordMilliseconds(3)
        timer.recordMilliseconds(30)
        timer.recordSeconds(1_000)
        #expect(lines.contains("# TYPE wait_seconds histogram"))
        #expect(lines.contains(#"wait_seconds_bucket{a="b",le="0.0025"} 0"#))
        #expect(lines.contains(#"wait_seconds_bucket{a="b",le="0.005"} 1"#))
        #expect(lines.contains(#"wait_seconds_bucket{a="b",le="60.0"} 2"#))
        #expect(lines.contains(#"wait_seconds_bucket{a="b",le="+Inf"} 3"#))
        #expect(lines.contains(#"wait_seconds_count{a="b"} 3"#))
        #expect(lines.contains(#"wait_seconds_sum{a="b"} 1000.033"#))
    }

    @Test func `meters and recorders are gauges, or histograms where they aggregate`() {
        let meter = Meter(label: "depth", factory: factory)
        meter.set(5)
        meter.decrement(by: 1.5)
        Recorder(label: "last", aggregate: false, factory: factory).record(7)
        Recorder(label: "sizes", aggregate: true, factory: factory).record(7)
        #expect(lines.contains("depth 3.5"))
        #expect(lines.contains("last 7.0"))
        #expect(lines.contains(#"sizes_bucket{le="10.0"} 1"#))
    }

    @Test func `names and labels are what the format allows, whatever they say`() {
        let labels = [("9 a", "x\"y\\z\nü"), ("le", "1"), ("__name__", "2"), ("", "3"), ("le", "4")]
        Counter(label: "1.ü-x", dimensions: labels, factory: factory).increment()
        let line = lines.last ?? ""
        #expect(line == #"_1___x_total{_="3",_9_a="x\"y\\z\nü",x___name__="2",x_le="1"} 1"#)
        #expect(!factory.text.contains("{le="))
    }

    @Test func `what is not a number is left out of a histogram, and shown by a gauge`() {
        Recorder(label: "h", factory: factory).record(Double.nan)
        Meter(label: "g", factory: factory).set(Double.infinity)
        #expect(lines.contains("h_count 0"))
        #expect(lines.contains("g +Inf"))
    }

    @Test func `a counter never falls`() {
        let handler = factory.makeCounter(label: "a", dimensions: [])
        handler.increment(by: 3)
        handler.increment(by: -5)
        #expect(lines.last == "a_total 3")
    }

    @Test func `of one name the second kind has another name`() {
        Meter(label: "a.total", factory: factory).set(1)
        Counter(label: "a", factory: factory).increment()
        #expect(lines.filter { $0.hasPrefix("# TYPE") } == ["# TYPE a_total gauge", "# TYPE a_total_counter counter"])
    }

    @Test func `labels without end fill no memory`() {
        for number in 0..<(PrometheusMetricsFactory.seriesLimit + 50) {
            Counter(label: "a", dimensions: [("id", "\(number)")], factory: factory).increment()
        }
        #expect(lines.count == 2 + PrometheusMetricsFactory.seriesLimit + 1)
        #expect(lines.contains(#"a_total{overflow="true"} 50"#))
    }

    @Test func `what is destroyed is gone`() {
        let counter = Counter(label: "a", factory: factory)
        counter.increment()
        counter.destroy()
        #expect(factory.text.isEmpty)
    }

    @Test func `threads count together`() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { [factory] in
                    for _ in 0..<1_000 { Counter(label: "a", factory: factory).increment() }
                }
            }
        }
        #expect(lines.last == "a_total 8000")
    }
}
