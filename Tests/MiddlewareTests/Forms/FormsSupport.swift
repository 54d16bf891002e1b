import EventServer
import Foundation
import TestSupport

@testable import EventServer

/// SplitMix64: small, and the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A text with up to five changes.
    mutating func mutant(of text: String, with words: [String]) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 0...5, using: &self) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &self)
            switch Int.random(in: 0...4, using: &self) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &self)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(contentsOf: Array((words.randomElement(using: &self) ?? "").utf8), at: place)
            case 3: bytes.removeSubrange(place..<min(bytes.count, place + 12))
            default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 30)], at: place)
            }
        }
        return bytes
    }
}

extension Request {
    /// A request whose body is there already.
    static func post(_ body: [UInt8], to target: String = "/", type: String?) throws -> Request {
        let stream = BodyStream(isPaused: false) { _ in }
        if !body.isEmpty { _ = stream.append(body) }
        stream.finish()
        return try .test(target, method: "POST", fields: type.map { ["Content-Type: \($0)"] } ?? [], body: stream)
    }

    static func post(_ body: String, to target: String = "/", type: String?) throws -> Request {
        try post(Array(body.utf8), to: target, type: type)
    }
}

/// A folder of the test's own.
final class TestFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "forms-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }

    /// Whether it becomes empty within 20 seconds; no gate can tell when a worker has removed a file.
    func isSoonEmpty() async -> Bool { await isSoon { $0.isEmpty } }

    func isSoon(_ condition: ([String]) -> Bool) async -> Bool {
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            if condition(names) { return true }
            await Task.yield()
        }
        return false
    }
}
