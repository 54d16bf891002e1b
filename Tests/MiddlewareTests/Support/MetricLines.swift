import MetricsTestKit
import Synchronization

/// Metrics as lines, as a person would read them; also those that the test kit rounds.
final class MetricLines: TextOutputStream, Sendable {
    private let text = Mutex("")

    var factory: StreamMetricsFactory { StreamMetricsFactory(stream: self) }

    var lines: [String] { text.withLock { $0.split(separator: "\n").map(String.init) } }

    func write(_ string: String) { text.withLock { $0 += string } }
}
