import Synchronization
import TestSupport
import Testing

@testable import EventServer

@Suite("A body stream", .timeLimit(.minutes(1)))
struct BodyStreamTests {
    private func claimed(isPaused: Bool = false, onDemand: @escaping @Sendable (BodyStream) -> Void = { _ in }) throws
        -> BodyStream
    {
        let stream = BodyStream(isPaused: isPaused, onDemand: onDemand)
        try stream.claim()
        return stream
    }

    @Test("gives all that has arrived, then what comes, then the end")
    func order() async throws {
        let stream = try claimed()
        _ = stream.append([1, 2])
        _ = stream.append([3])
        #expect(try await stream.next() == [1, 2, 3])
        async let next = stream.next()
        _ = stream.append([4])
        #expect(try await next == [4])
        stream.finish()
        #expect(try await stream.next() == nil)
        #expect(try await stream.next() == nil)
    }

    @Test("asks the connection to stop at the watermark, and to go on once it is read")
    func backpressure() async throws {
        let demands = Mutex(0)
        let stream = try claimed { _ in demands.withLock { $0 += 1 } }
        #expect(!stream.append([UInt8](repeating: 0, count: BodyStream.watermark - 1)))
        #expect(stream.append([0]))
        #expect(demands.withLock { $0 } == 0)
        #expect(try await stream.next()?.count == BodyStream.watermark)
        #expect(demands.withLock { $0 } == 1)
        #expect(!stream.append([1]))
        #expect(try await stream.next() == [1])
        #expect(demands.withLock { $0 } == 1)
    }

    @Test("that is held back is asked for when somebody reads, once")
    func heldBack() async throws {
        let demands = Mutex(0)
        let stream = try claimed(isPaused: true) { _ in demands.withLock { $0 += 1 } }
        #expect(demands.withLock { $0 } == 0)
        async let next = stream.next()
        _ = stream.append([1])
        _ = try await next
        #expect(demands.withLock { $0 } <= 1)
    }

    @Test("can be claimed once")
    func claimOnce() throws {
        let stream = try claimed()
        #expect(throws: RequestBodyError.alreadyRead) { try stream.claim() }
    }

    @Test("gives every error to the reader who waits", arguments: [RequestBodyError.clientLeft, .timedOut])
    func failure(error: RequestBodyError) async throws {
        let stream = try claimed()
        let reader = Task { try await stream.next() }
        stream.fail(error)
        await #expect(throws: error) { try await reader.value }
        await #expect(throws: error) { try await stream.next() }
    }

    @Test("keeps the first error")
    func firstError() async throws {
        let stream = try claimed()
        stream.fail(.timedOut)
        stream.fail(.clientLeft)
        stream.finish()
        await #expect(throws: RequestBodyError.timedOut) { try await stream.next() }
    }

    @Test("is gone when the request has ended")
    func revoked() async throws {
        let stream = try claimed()
        _ = stream.append([1])
        stream.revoke()
        await #expect(throws: RequestBodyError.requestEnded) { try await stream.next() }
        let unclaimed = BodyStream(isPaused: false) { _ in }
        unclaimed.finish()
        unclaimed.revoke()
        #expect(throws: RequestBodyError.requestEnded) { try unclaimed.claim() }
    }

    @Test("that was read to its end stays ended when the request does")
    func revokedAfterEnd() async throws {
        let stream = try claimed()
        _ = stream.append([1])
        stream.finish()
        _ = try await stream.next()
        stream.revoke()
        #expect(try await stream.next() == nil)
        #expect(throws: RequestBodyError.alreadyRead) { try stream.claim() }
    }

    @Test("lets one of two readers wait, and tells the other")
    func twoReaders() async throws {
        let stream = try claimed()
        let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    do {
                        return try await stream.next() == nil
                    } catch let error as RequestBodyError where error == .alreadyRead {
                        // The other one waits, so that the end can come now.
                        stream.finish()
                        return false
                    }
                }
            }
            return try await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(outcomes.sorted { !$0 && $1 } == [false, true])
    }

    @Test("loses nothing between a writer and a reader on two threads")
    func concurrent() async throws {
        let stream = try claimed()
        let writer = Task {
            for number in 0..<10_000 { _ = stream.append([UInt8(truncatingIfNeeded: number)]) }
            stream.finish()
        }
        var count = 0
        while let bytes = try await stream.next() {
            for byte in bytes {
                #expect(byte == UInt8(truncatingIfNeeded: count))
                count += 1
            }
        }
        await writer.value
        #expect(count == 10_000)
    }
}
