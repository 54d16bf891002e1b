import TestSupport
import Testing

/// Clients that do what clients do on a bad day, for as long as `BATON_SOAK` says.
@Suite("Random clients", .enabled(if: Soak.isWanted, Soak.reason), .timeLimit(.minutes(60)))
struct RandomClientsTests {
    private static let requests = [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello world",
        "POST /nowhere HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a\r\nhello\r\n0\r\nA: b\r\n\r\n",
        "PUT /nowhere HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    ]

    @Test("come, ask in halves, leave and reset, and others are served all the while")
    func served() async throws {
        let server = try await onThread { Port(try ServerProcess()) }
        let end = ContinuousClock.now + .seconds(Soak.seconds)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for seed in 1...4 as ClosedRange<UInt64> {
                group.addTask {
                    await onThread { Self.roam(seed: seed, port: server.number, until: end) }
                }
            }
            group.addTask {
                try await onThread {
                    var client = SteadyClient()
                    while ContinuousClock.now < end { try client.ask(port: server.number) }
                    print("random clients: \(client.summary)")
                    return 0
                }
            }
            let total = try await group.reduce(0, +)
            print("random clients: \(total) connections")
            #expect(total > 100)
        }
        #expect(server.isRunning)
    }

    private static func roam(seed: UInt64, port: Int, until end: ContinuousClock.Instant) -> Int {
        var random = SeededGenerator(seed: seed)
        var count = 0
        while ContinuousClock.now < end {
            count += 1
            guard let connection = try? RawConnection(port: port) else { continue }
            let text = (0...Int.random(in: 0...3, using: &random))
                .map { _ in requests.randomElement(using: &random) ?? "" }.joined()
            var bytes = Array(text.utf8)
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            if Int.random(in: 0..<4, using: &random) == 0, !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let half = Int.random(in: 0...bytes.count, using: &random)
            try? connection.send(bytes[..<half])
            try? connection.send(bytes[half...])
            switch Int.random(in: 0...3, using: &random) {
            case 0:
                connection.reset()
            case 1:
                connection.finishSending()
                _ = try? connection.receiveToEnd()
            default:
                break
            }
        }
        return count
    }

    /// The server, for many threads: they only know its port.
    private final class Port: Sendable {
        let number: Int
        private let process: ServerProcess

        init(_ process: ServerProcess) {
            number = process.port
            self.process = process
        }

        var isRunning: Bool { process.isRunning }
    }
}
