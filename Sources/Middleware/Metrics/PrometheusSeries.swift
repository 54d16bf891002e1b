import Metrics
import Synchronization

/// The values of one metric with one set of labels.
protocol PrometheusSeries: AnyObject, Sendable {
    /// The word for it in the format.
    static var kind: String { get }
    /// Its lines, each with its line break.
    func lines(named name: String, labels: String) -> String
}

final class PrometheusCounter: PrometheusSeries, CounterHandler {
    static let kind = "counter"

    private let count = Atomic<Int64>(0)

    /// A counter only grows.
    func increment(by amount: Int64) {
        // Beyond the largest number it begins anew, which Prometheus takes for a restart.
        if amount > 0 { count.wrappingAdd(amount, ordering: .relaxed) }
    }

    func reset() { count.store(0, ordering: .relaxed) }

    func lines(named name: String, labels: String) -> String {
        PrometheusText.line(name, labels, "\(UInt64(bitPattern: count.load(ordering: .relaxed)))")
    }
}

final class PrometheusGauge: PrometheusSeries, MeterHandler, RecorderHandler {
    static let kind = "gauge"

    private let value = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }

    func lines(named name: String, labels: String) -> String {
        PrometheusText.line(name, labels, PrometheusText.number(value.withLock { $0 }))
    }
}

final class PrometheusHistogram: PrometheusSeries, TimerHandler, RecorderHandler {
    static let kind = "histogram"

    private struct State {
        /// How many values lay within each bound and beyond the one before; the last one is for those beyond all.
        var counts: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let place = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[place] &+= 1
            state.sum += value
        }
    }

    func lines(named name: String, labels: String) -> String {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        let prefix = labels.isEmpty ? "" : "\(labels),"
        var total: UInt64 = 0
        var text = ""
        for (bound, count) in zip(bounds + [.infinity], counts) {
            total &+= count
            text += PrometheusText.line("\(name)_bucket", "\(prefix)le=\"\(PrometheusText.number(bound))\"", "\(total)")
        }
        text += PrometheusText.line("\(name)_sum", labels, PrometheusText.number(sum))
        text += PrometheusText.line("\(name)_count", labels, "\(total)")
        return text
    }
}
