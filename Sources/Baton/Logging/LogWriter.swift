import Dispatch
import EventServer
import Foundation
import Middleware
import Synchronization

/// Collects log lines, and writes them out some milliseconds later, many at once.
///
/// An event loop must not wait for a log: a write for each line costs more than the rest of a small request, and blocks for
/// as long as whoever reads the log does not. So the lines go to a buffer, and a queue of its own writes it: not Swift's own
/// threads, which are few, and which signals and timeouts need. When the reader stands still for long, lines are dropped and
/// counted, rather than memory filled. What is in the buffer when the process is killed, at most the last few milliseconds,
/// is lost.
final class LogWriter: Sendable {
    fileprivate struct State {
        var bytes: [UInt8] = []
        /// What `bytes` was, with its memory: while it is written, lines go to the other one.
        var spare: [UInt8] = []
        var isFlushScheduled = false
        var droppedLines = 0
        var stamp = LogStamp()
    }

    private let state = Mutex(State())
    /// Held while writing, so that two flushes cannot change the order of lines.
    private let output: Mutex<@Sendable ([UInt8]) -> Void>
    private let capacity: Int
    private let delay: DispatchTimeInterval
    private let queue = DispatchQueue(label: "log")

    /// - Parameters:
    ///   - capacity: How many bytes may wait to be written.
    ///   - delay: How long lines are collected.
    ///   - output: Writes bytes; may block.
    init(
        capacity: Int = 1 << 22,
        delay: DispatchTimeInterval = .milliseconds(5),
        output: @escaping @Sendable ([UInt8]) -> Void = LogWriter.writeToStandardError
    ) {
        self.output = Mutex(output)
        self.capacity = capacity
        self.delay = delay
    }

    deinit { flush() }

    /// Writes everything, but waits no longer than a second for a reader that stands still.
    func flushBeforeExit() {
        let flush = DispatchWorkItem { self.flush() }
        queue.async(execute: flush)
        _ = flush.wait(timeout: .now() + 1)
    }

    /// Writes everything that has been taken in; blocks until it is out.
    func flush() {
        output.withLock { output in
            let bytes = state.withLock { state in
                if state.droppedLines > 0 {
                    let message = "\(state.droppedLines) log lines were dropped: their reader was too slow"
                    let format = state.stamp.format
                    state.append(at: .now, as: format) { format.append(.warning, message, [], to: &$0) }
                }
                state.isFlushScheduled = false
                state.droppedLines = 0
                return state.takeBytes()
            }
            if !bytes.isEmpty { output(bytes) }
            state.withLock { $0.keep(bytes) }
        }
    }

    /// The one writer of the process's standard error.
    static let standardError = LogWriter()

    /// Writes to standard error; a reader that is gone is no reason to end the process.
    static let writeToStandardError: @Sendable ([UInt8]) -> Void = { bytes in
        try? FileHandle.standardError.write(contentsOf: bytes)
    }
}

extension LogWriter: LineWriter {
    func write(at instant: ContinuousClock.Instant, as format: LogFormat, _ body: (inout OutputSpan<UInt8>) -> Bool) {
        let schedulesFlush = state.withLock { state in
            guard state.bytes.count < capacity else {
                state.droppedLines += 1
                return false
            }
            state.append(at: instant, as: format, body)
            defer { state.isFlushScheduled = true }
            return !state.isFlushScheduled
        }
        guard schedulesFlush else { return }
        queue.asyncAfter(deadline: .now() + delay) { self.flush() }
    }
}

extension LogWriter.State {
    fileprivate mutating func takeBytes() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &spare)
        swap(&taken, &bytes)
        return taken
    }

    /// Keeps the memory of what has been written, unless a flood of lines has made it large.
    fileprivate mutating func keep(_ written: consuming [UInt8]) {
        guard written.capacity <= 1 << 18 else { return }
        spare = written
        spare.removeAll(keepingCapacity: true)
    }

    /// Appends a line; see ``LogWriter/write(at:as:_:)``.
    fileprivate mutating func append(
        at instant: ContinuousClock.Instant,
        as format: LogFormat,
        _ body: (inout OutputSpan<UInt8>) -> Bool
    ) {
        stamp.move(to: instant, as: format)
        let stamp = stamp.bytes
        // There is room for most lines; a longer one is begun anew.
        var room = 4096
        var isWhole = false
        while !isWhole {
            bytes.append(addingCapacity: room) { line in
                line.append(bytes: stamp.span)
                isWhole = body(&line) && line.freeCapacity > 0
                if isWhole { line.append(UInt8(ascii: "\n")) } else { line.removeAll() }
            }
            room *= 2
        }
    }
}
