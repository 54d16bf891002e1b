import Foundation
import Middleware

/// How a line begins, up to `2026-11-21T05:21:43.123Z`.
///
/// To format a date takes longer than the line, and to ask for it as long as half of that. So what was said is said again for as
/// long as it holds, which the instant tells that whoever writes a line has anyway: the wall clock is read once in ten milliseconds
/// at most, and when somebody sets it, lines follow ten milliseconds later.
struct LogStamp {
    private(set) var bytes: [UInt8] = []
    /// That of the last line.
    private(set) var format = LogFormat.text
    /// When the wall clock was read, and what it said in microseconds since 1970.
    private var reading: ContinuousClock.Instant
    private var time: Int
    /// When `bytes` holds, in microseconds since the reading.
    private var validity = 0..<0
    private var second = Int.min
    private let read: @Sendable () -> (ContinuousClock.Instant, secondsSince1970: Double)

    /// - Parameter read: Reads both clocks.
    init(
        read: @escaping @Sendable () -> (ContinuousClock.Instant, secondsSince1970: Double) = {
            (.now, Date().timeIntervalSince1970)
        }
    ) {
        self.read = read
        let (instant, seconds) = read()
        reading = instant
        time = Int(seconds * 1_000_000)
    }

    /// Becomes the stamp of a line.
    ///
    /// - Parameters:
    ///   - instant: When the line was said.
    ///   - format: How it begins.
    mutating func move(to instant: ContinuousClock.Instant, as format: LogFormat) {
        var passed = instant.microseconds(since: reading)
        if validity.contains(passed), format == self.format { return }
        if passed.magnitude >= 10_000 {
            let (now, seconds) = read()
            reading = now
            time = Int(seconds * 1_000_000)
            passed = instant.microseconds(since: now)
        }
        show(time + passed, as: format)
        let start = passed - (time + passed) % 1000
        validity = start..<max(start, min(start + 1000, 10_000))
    }

    private mutating func show(_ microseconds: Int, as format: LogFormat) {
        let second = microseconds / 1_000_000
        if second != self.second || format != self.format {
            let date = Date(timeIntervalSince1970: Double(second)).formatted(.iso8601)
            bytes = Array("\(format.opening)\(date.dropLast()).000Z".utf8)
            self.second = second
            self.format = format
        }
        var digits = (microseconds / 1000 % 1000).magnitude
        for place in 2...4 {
            bytes[bytes.count - place] = UInt8(ascii: "0") + UInt8(digits % 10)
            digits /= 10
        }
    }
}
