public import Metrics
import Synchronization

/// Keeps metrics in memory, and writes them as Prometheus reads them (text exposition format 0.0.4).
///
/// Counters end in `_total`, timers are histograms in seconds (`_seconds`), meters are gauges; dots in labels become
/// underscores. It may be used from any thread; counting is an atomic addition.
///
/// Its memory is bounded whatever labels say: a metric has at most 1,000 series, and what comes beyond is counted together in one,
/// with the label `overflow="true"`.
public final class PrometheusMetricsFactory: MetricsFactory {
    static let seriesLimit = 1_000
    private static let familyLimit = 1_000
    private static let seconds = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]
    private static let amounts: [Double] = [1, 5, 10, 50, 100, 500, 1e3, 5e3, 1e4, 5e4, 1e5, 1e6, 1e7, 1e9]
    private static let isBootstrapped = Mutex(false)

    private let families = Mutex<[String: PrometheusFamily]>([:])

    /// Creates a factory without metrics.
    public init() {}

    /// Makes a factory the one of the process, unless somebody has bootstrapped another system.
    public static func bootstrapIfNobodyHas() {
        isBootstrapped.withLock { isDone in
            guard !isDone, MetricsSystem.factory is NOOPMetricsHandler else { return }
            MetricsSystem.bootstrap(PrometheusMetricsFactory())
            isDone = true
        }
    }

    /// All metrics, in alphabetical order, as Prometheus reads them.
    public var text: String {
        let families = families.withLock { $0 }
        return families.sorted { $0.key < $1.key }.map { $0.value.text(named: $0.key) }.joined()
    }

    /// The same as OpenMetrics 1.0 has it: the name of a counter is without its `_total`, and there is an end.
    public var openMetricsText: String {
        let families = families.withLock { $0 }
        let texts = families.sorted { $0.key < $1.key }
            .map { name, family in
                let isCounter = family.kind == PrometheusCounter.kind && name.hasSuffix("_total")
                return family.text(named: name, calling: isCounter ? String(name.dropLast(6)) : name)
            }
        return texts.joined() + "# EOF\n"
    }

    /// Finds or makes a counter.
    ///
    /// - Parameters:
    ///   - label: Its name.
    ///   - dimensions: Its labels.
    /// - Returns: The same one for the same name and labels.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(PrometheusText.name(label, suffix: "_total"), label, dimensions) { PrometheusCounter() }
    }

    /// Finds or makes a gauge.
    ///
    /// - Parameters:
    ///   - label: Its name.
    ///   - dimensions: Its labels.
    /// - Returns: The same one for the same name and labels.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    /// Finds or makes a histogram, or a gauge of the last value.
    ///
    /// - Parameters:
    ///   - label: Its name.
    ///   - dimensions: Its labels.
    ///   - aggregate: Whether it is a histogram.
    /// - Returns: The same one for the same name and labels.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return gauge(label, dimensions) }
        return series(PrometheusText.name(label), label, dimensions) { PrometheusHistogram(bounds: Self.amounts) }
    }

    /// Finds or makes a histogram of seconds.
    ///
    /// - Parameters:
    ///   - label: Its name.
    ///   - dimensions: Its labels.
    /// - Returns: The same one for the same name and labels.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(PrometheusText.name(label, suffix: "_seconds"), label, dimensions) {
            PrometheusHistogram(bounds: Self.seconds)
        }
    }

    /// Forgets a counter.
    ///
    /// - Parameter handler: The counter.
    public func destroyCounter(_ handler: any CounterHandler) { forget(handler) }

    /// Forgets a gauge.
    ///
    /// - Parameter handler: The gauge.
    public func destroyMeter(_ handler: any MeterHandler) { forget(handler) }

    /// Forgets a histogram or a gauge.
    ///
    /// - Parameter handler: The histogram or gauge.
    public func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }

    /// Forgets a histogram of seconds.
    ///
    /// - Parameter handler: The histogram.
    public func destroyTimer(_ handler: any TimerHandler) { forget(handler) }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> PrometheusGauge {
        series(PrometheusText.name(label), label, dimensions) { PrometheusGauge() }
    }

    private func series<Series: PrometheusSeries>(
        _ name: String,
        _ label: String,
        _ dimensions: [(String, String)],
        _ make: () -> Series
    ) -> Series {
        let labels = PrometheusText.labels(dimensions)
        return families.withLock { families in
            // One name is one kind: of another one that was first, the second is told by its kind.
            let name = families[name].map { $0.kind == Series.kind } ?? true ? name : "\(name)_\(Series.kind)"
            guard families[name] != nil || families.count < Self.familyLimit else { return make() }
            var family = families[name] ?? PrometheusFamily(kind: Series.kind, label: label)
            defer { families[name] = family }
            let isFull = family.series[labels] == nil && family.series.count >= Self.seriesLimit
            let key = isFull ? PrometheusText.overflow : labels
            if let known = family.series[key] as? Series { return known }
            let new = make()
            family.series[key] = new
            return new
        }
    }

    private func forget(_ handler: AnyObject) {
        families.withLock { families in
            for (name, family) in families {
                var family = family
                family.series = family.series.filter { $0.value !== handler }
                families[name] = family
            }
        }
    }
}

/// All series of one name.
struct PrometheusFamily: Sendable {
    let kind: String
    /// The name before it became one for Prometheus.
    let label: String
    var series: [String: any PrometheusSeries] = [:]

    /// - Parameters:
    ///   - name: The name of its samples, or what that begins with.
    ///   - family: What it is called itself, where that is another name.
    /// - Returns: Its lines.
    func text(named name: String, calling family: String? = nil) -> String {
        guard !series.isEmpty else { return "" }
        let help = label.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        let lines = series.sorted { $0.key < $1.key }.map { $0.value.lines(named: name, labels: $0.key) }
        let family = family ?? name
        return "# HELP \(family) \(help)\n# TYPE \(family) \(kind)\n\(lines.joined())"
    }
}
