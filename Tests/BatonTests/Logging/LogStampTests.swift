import Middleware
import Synchronization
import Testing

@testable import Baton

@Suite struct LogStampTests {
    /// Two clocks, which go on when the test says so.
    private final class Clocks: Sendable {
        struct State {
            var seconds = 1_763_702_503.123_456
            var passed = Duration.zero
            var readings = 0
        }

        let start = ContinuousClock.now
        let state = Mutex(State())

        func read() -> (ContinuousClock.Instant, secondsSince1970: Double) {
            state.withLock { state in
                state.readings += 1
                return (start + state.passed, state.seconds)
            }
        }
    }

    private let clocks = Clocks()

    private func makeStamp() -> LogStamp { LogStamp { [clocks] in clocks.read() } }

    private func text(_ stamp: inout LogStamp, after passed: Duration, as format: LogFormat = .text) -> String {
        stamp.move(to: clocks.start + passed, as: format)
        return String(decoding: stamp.bytes, as: UTF8.self)
    }

    @Test func itTellsTheMillisecondInWhichALineWasSaid() {
        var stamp = makeStamp()
        #expect(text(&stamp, after: .zero) == "2025-11-21T05:21:43.123Z")
        #expect(text(&stamp, after: .microseconds(543)) == "2025-11-21T05:21:43.123Z")
        #expect(text(&stamp, after: .microseconds(544)) == "2025-11-21T05:21:43.124Z")
        #expect(text(&stamp, after: .microseconds(9543)) == "2025-11-21T05:21:43.132Z")
        // Another loop may have said something before, and come to the log behind.
        #expect(text(&stamp, after: .microseconds(-456)) == "2025-11-21T05:21:43.123Z")
        #expect(text(&stamp, after: .microseconds(-457)) == "2025-11-21T05:21:43.122Z")
        #expect(clocks.state.withLock { $0.readings } == 1)
    }

    @Test func theClockIsReadAgainAfterTenMilliseconds() {
        var stamp = makeStamp()
        #expect(text(&stamp, after: .zero) == "2025-11-21T05:21:43.123Z")
        clocks.state.withLock {
            $0.seconds = 951_827_696.001
            $0.passed = .milliseconds(10)
        }
        #expect(text(&stamp, after: .microseconds(9999)) == "2025-11-21T05:21:43.133Z")
        #expect(text(&stamp, after: .milliseconds(10)) == "2000-02-29T12:34:56.001Z")
        #expect(text(&stamp, after: .microseconds(11_500)) == "2000-02-29T12:34:56.002Z")
        #expect(clocks.state.withLock { $0.readings } == 2)
    }

    @Test func aQuietHourLaterTheTimeIsThatOfTheLine() {
        var stamp = makeStamp()
        _ = text(&stamp, after: .zero)
        clocks.state.withLock {
            $0.seconds += 3600
            $0.passed = .seconds(3600)
        }
        #expect(text(&stamp, after: .seconds(3600)) == "2025-11-21T06:21:43.123Z")
    }

    @Test func theLastMillisecondOfAYearIsFollowedByTheFirstOfTheNext() {
        clocks.state.withLock { $0.seconds = 1_767_225_599.998_5 }
        var stamp = makeStamp()
        let texts = [0, 1, 2, 3].map { text(&stamp, after: .milliseconds($0)) }
        #expect(
            texts == [
                "2025-12-31T23:59:59.998Z", "2025-12-31T23:59:59.999Z", "2026-01-01T00:00:00.000Z",
                "2026-01-01T00:00:00.001Z",
            ]
        )
    }

    @Test func linesOfBothFormatsBeginAsTheyShould() {
        var stamp = makeStamp()
        #expect(text(&stamp, after: .zero, as: .json) == #"{"time":"2025-11-21T05:21:43.123Z"#)
        #expect(text(&stamp, after: .zero) == "2025-11-21T05:21:43.123Z")
        #expect(text(&stamp, after: .zero, as: .json) == #"{"time":"2025-11-21T05:21:43.123Z"#)
    }

    @Test func aClockThatWasNeverSetIsNoReasonToFail() {
        clocks.state.withLock { $0.seconds = -0.5 }
        var stamp = makeStamp()
        #expect(text(&stamp, after: .zero).hasSuffix("Z"))
        #expect(text(&stamp, after: .seconds(1)).hasSuffix("Z"))
    }
}
