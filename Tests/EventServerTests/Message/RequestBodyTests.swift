import Testing

@testable import EventServer

@Suite("A request body", .timeLimit(.minutes(1)))
struct RequestBodyTests {
    private func body(_ chunks: [UInt8]..., finished: Bool = true) -> RequestBody {
        let stream = BodyStream(isPaused: false) { _ in }
        for chunk in chunks { _ = stream.append(chunk) }
        if finished { stream.finish() }
        return RequestBody(stream)
    }

    @Test("of a request without one is empty, however often it is read")
    func none() async throws {
        let body = RequestBody(nil)
        #expect(body.isEmpty)
        #expect(try await body.collect() == [])
        #expect(try await body.collect() == [])
        for try await _ in body { Issue.record("there is nothing to iterate over") }
    }

    @Test("is collected whole, once")
    func collect() async throws {
        let body = body([1], [2, 3])
        #expect(!body.isEmpty)
        #expect(try await body.collect() == [1, 2, 3])
        await #expect(throws: RequestBodyError.alreadyRead) { try await body.collect() }
        await #expect(throws: RequestBodyError.alreadyRead) { for try await _ in body {} }
    }

    @Test("is collected up to a limit, and not beyond", arguments: [3, 2, 0, -1])
    func limit(_ limit: Int) async throws {
        let body = body([1, 2, 3])
        if limit == 3 {
            #expect(try await body.collect(upTo: limit).count == 3)
        } else {
            let error = RequestBodyError.tooLarge(limit: max(0, limit))
            await #expect(throws: error) { try await body.collect(upTo: limit) }
        }
    }

    @Test("is iterated over in chunks that are never empty")
    func iterate() async throws {
        var bytes: [UInt8] = []
        for try await chunk in body([1], [2, 3]) {
            #expect(!chunk.isEmpty)
            bytes += chunk
        }
        #expect(bytes == [1, 2, 3])
    }
}
