import EventServer
import TestSupport

extension SeededGenerator {
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
        try .test(target, method: "POST", fields: type.map { ["Content-Type: \($0)"] } ?? [], body: body)
    }

    static func post(_ body: String, to target: String = "/", type: String?) throws -> Request {
        try post(Array(body.utf8), to: target, type: type)
    }
}

extension TemporaryFolder {
    /// Whether it becomes empty; no gate can tell when a worker has removed a file.
    func isSoonEmpty() async -> Bool { await isSoon { names.isEmpty } }
}
