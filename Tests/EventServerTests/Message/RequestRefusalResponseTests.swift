import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import EventServer

@Suite("The answer to a refused request", .timeLimit(.minutes(1)))
struct RequestRefusalResponseTests {
    private struct Problem: Decodable {
        let type: String
        let title: String
        let status: Int
        let detail: String
        let code: String
    }

    private static let refusals: [RequestRefusal] = [
        .requestLine, .method, .connect, .target, .targetTooLong, .version, .versionUnsupported, .bareLF, .bareCR,
        .headerTooLarge, .tooManyFields, .fieldName, .fieldValue, .folding, .hostMissing, .hostDuplicate, .hostInvalid,
        .lengthInvalid, .lengthDuplicate, .lengthWithEncoding, .encodingUnsupported, .encodingInOldVersion,
        .expectation, .bodyTooLarge, .chunkSize, .chunkExtension, .chunkEnd, .trailer, .headerTimeout, .bodyTimeout,
    ]

    @Test("is a problem description that a JSON reader can read", arguments: refusals)
    func problem(refusal: RequestRefusal) throws {
        let response = refusal.makeResponse(as: .problem)
        #expect(response.headers[.contentType] == "application/problem+json")
        let problem = try JSONDecoder().decode(Problem.self, from: Data(response.body.bytes ?? []))
        #expect(problem.code == refusal.code)
        #expect(problem.detail == refusal.reason)
        #expect(problem.status == refusal.status.code)
        #expect(problem.title == refusal.status.reasonPhrase)
        #expect(problem.type == "about:blank")
    }

    @Test("has the code, whichever form is configured", arguments: RefusalFormat.allCases)
    func overTheWire(format: RefusalFormat) async throws {
        try await TestServer.run {
            $0.refusals = format
        } _: { server in
            let response = try await server.exchange("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n")
            #expect(response.status == 400)
            #expect(response.body.contains("H1-HOST-DUP"))
            #expect(
                response.headers["content-type"]
                    == (format == .text ? "text/plain; charset=utf-8" : "application/problem+json")
            )
        }
    }
}
