import Dispatch
import EventServer
import Foundation
import Logging
import Middleware
import Synchronization
import Testing

@testable import Baton

@Suite struct LineLogHandlerTests {
    private let written = Written()
    private let writer: LogWriter
    private let logger: Logger

    private final class Written: Sendable {
        let text = Mutex("")
    }

    init() {
        let written = written
        writer = LogWriter { bytes in written.text.withLock { $0 += String(decoding: bytes, as: UTF8.self) } }
        let writer = writer
        logger = Logger(label: "test") { _ in LineLogHandler(writer: writer) }
    }

    private var lines: [String] {
        writer.flush()
        return written.text.withLock { $0 }.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1)[1] }
            .map(String.init)
    }

    @Test func aLineHasTimeLevelMessageAndSortedMetadata() {
        logger.info("request", metadata: ["status": "200", "method": "GET", "path": "/a?b"])
        #expect(lines == ["info request method=GET path=/a?b status=200"])
        #expect(written.text.withLock { $0 }.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info .*\n/) != nil)
    }

    @Test(arguments: [
        ("a b", #""a b""#), ("", #""""#), ("x\ninfo forged", #""x\ninfo forged""#), (#"say "hi""#, #""say \"hi\"""#),
        ("a=b", #""a=b""#), ("\u{1B}[31m", #""\x1b[31m""#), ("\r", #""\x0d""#), ("grün", "grün"),
    ])
    func aValueCannotMakeALineOrAFieldOfItsOwn(value: String, expected: String) {
        logger.info("m", metadata: ["key": "\(value)"])
        #expect(lines == ["info m key=\(expected)"])
    }

    @Test(arguments: ["", "a b", "x\ninfo forged", String(repeating: "y", count: 100_000) + "\"", "\u{7F}", "a=b"])
    func aValueThatNeedsQuotesMayStandBehindOthersThatNeedNone(value: String) {
        let plain = String(repeating: "p", count: 40)
        let fields = [
            LogField("first", plain), LogField("least", Int.min), LogField("value", value), LogField("most", Int.max),
            LogField("last", value),
        ]
        for fields in [fields, [LogField("value", value)]] {
            writer.write(at: .now, as: .text) { LogFormat.text.append(.info, "m", fields, to: &$0) }
        }
        let quoted = lines[1].dropFirst("info m value=".count)
        #expect(quoted.hasPrefix("\"") && quoted.hasSuffix("\""))
        let numbers = ("least=-9223372036854775808", "most=9223372036854775807")
        let line = "info m first=\(plain) \(numbers.0) value=\(quoted) \(numbers.1) last=\(quoted)"
        #expect(lines == [line, "info m value=\(quoted)"])
    }

    @Test(arguments: ["a", "\""])
    func aLineIsWholeWhateverItsLength(character: String) {
        for length in stride(from: 1, through: 9000, by: 7) {
            logger.info("m", metadata: ["key": "\(String(repeating: character, count: length))", "last": "1"])
        }
        let lines = lines
        for (index, length) in stride(from: 1, through: 9000, by: 7).enumerated() {
            let value = String(repeating: character == "a" ? "a" : "\\\"", count: length)
            #expect(lines[index] == "info m key=\(character == "a" ? value : "\"\(value)\"") last=1")
        }
    }

    @Test func aMessageCannotMakeALineOfItsOwn() {
        logger.info("one\ntwo")
        #expect(lines == [#"info "one\ntwo""#])
    }

    /// A value of somebody else's, which has something to say.
    private struct Talkative: CustomStringConvertible, Sendable {
        let logger: Logger

        var description: String {
            logger.info("described")
            return "talkative"
        }
    }

    @Test func aValueMayLogWhileItIsDescribed() {
        logger.info("m", metadata: ["value": .stringConvertible(Talkative(logger: logger))])
        #expect(lines == ["info described", "info m value=talkative"])
    }

    @Test func theLineWinsOverTheProviderAndThatOverTheLogger() {
        let writer = writer
        var logger = Logger(label: "test") { _ in
            LineLogHandler(
                writer: writer,
                metadataProvider: Logger.MetadataProvider { ["a": "provider", "b": "provider"] }
            )
        }
        logger[metadataKey: "b"] = "logger"
        logger[metadataKey: "c"] = "logger"
        logger.info("m", metadata: ["a": "line"])
        #expect(lines == ["info m a=line b=provider c=logger"])
    }

    @Test func linesAreDroppedAndCountedWhenNobodyReads() {
        let small = LogWriter(capacity: 100) { [written] bytes in
            written.text.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
        }
        for number in 0..<100 { small.write(" line \(number)") }
        small.flush()
        let text = written.text.withLock { $0 }
        #expect(text.contains("line 0\n"))
        #expect(!text.contains("line 99\n"))
        #expect(text.contains("log lines were dropped"))
    }

    @Test func linesComeOutByThemselvesInTheirOrder() async {
        let (chunks, output) = AsyncStream.makeStream(of: [UInt8].self)
        let own = LogWriter(delay: .nanoseconds(0)) { output.yield($0) }
        for number in 0..<1000 { own.write(" \(number)") }
        var text = ""
        for await chunk in chunks {
            text += String(decoding: chunk, as: UTF8.self)
            if text.hasSuffix(" 999\n") { break }
        }
        let numbers = text.split(separator: "\n").compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
        #expect(numbers == Array(0..<1000))
    }

    private func object(_ log: (Logger) -> Void) throws -> [String: String] {
        let writer = writer
        log(Logger(label: "test") { _ in LineLogHandler(writer: writer, format: .json) })
        writer.flush()
        let lines = written.text.withLock { $0 }.split(separator: "\n")
        #expect(lines.count == 1)
        return try JSONDecoder().decode([String: String].self, from: Data((lines.first ?? "").utf8))
    }

    @Test func asJSONALineIsAnObjectOfTexts() throws {
        let object = try object { $0.notice("request", metadata: ["status": "200", "path": "/a?b"]) }
        #expect(
            object.filter { $0.key != "time" } == [
                "level": "notice", "message": "request", "status": "200", "path": "/a?b",
            ]
        )
        #expect(object["time"]?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
    }

    @Test(arguments: ["say \"hi\"", "x\n{\"level\":\"info\"}", "\u{1B}[31m\u{0}\r\\", "grün", ""])
    func asJSONAValueIsAValueWhateverIsInIt(value: String) throws {
        let object = try object { $0.info("\(value)", metadata: ["key": "\(value)"]) }
        #expect(object["key"] == value)
        #expect(object["message"] == value)
    }

    @Test func asJSONAFieldCannotTakeThePlaceOfTheLevel() throws {
        let object = try object { $0.info("m", metadata: ["level": "error", "time": "never"]) }
        #expect(object["level"] == "info")
        #expect(object["field.level"] == "error")
        #expect(object["field.time"] == "never")
    }
}

extension LogWriter {
    fileprivate func write(_ text: String) {
        write(at: .now, as: .text) { line in
            line.append(text: text)
            return true
        }
    }
}
