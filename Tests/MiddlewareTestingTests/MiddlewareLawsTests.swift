import ContextPool
import EventServer
import HTTPTypes
import Middleware
import MiddlewareTesting
import Synchronization
import Testing

@Suite struct MiddlewareLawsTests {
    /// Does what a closure says.
    private struct Doing: Middleware {
        let body: @Sendable (Request, RequestContext, Next) async throws -> Response

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            try await body(request, context, next)
        }
    }

    private func laws(
        brokenBy body: @escaping @Sendable (Request, RequestContext, Next) async throws -> Response
    ) async throws -> Set<MiddlewareLaw> {
        Set(try await MiddlewareLaws.breaches(of: Doing(body: body)).map(\.law))
    }

    @Test func `who passes everything on keeps the laws`() async throws {
        #expect(try await laws { request, context, next in try await next(request, in: context) } == [])
    }

    @Test func `who changes response and stream without holding it keeps the laws`() async throws {
        let broken = try await laws { request, context, next in
            context.updateValues { $0[named: "seen"] = "yes" }
            var response = try await next(request, in: context)
            response.headers[.server] = "changed"
            response.body = response.body.wrappingProducer { produce, writer in try await produce(writer) }
            return response
        }
        #expect(broken == [])
    }

    @Test func `who answers for errors keeps the laws`() async throws {
        let broken = try await laws { request, context, next in
            do { return try await next(request, in: context) } catch { throw HTTPError(.badGateway) }
        }
        #expect(broken == [])
    }

    @Test func `who lets nobody pass is told that nothing was tested`() async throws {
        #expect(try await laws { _, _, _ in .text("mine") } == [.reachesTheHandler])
    }

    @Test func `calling next twice is a breach`() async throws {
        let broken = try await laws { request, context, next in
            _ = try? await next(request, in: context)
            return try await next(request, in: context)
        }
        #expect(broken.contains(.callsNextAtMostOnce))
    }

    @Test func `hiding an error behind success is a breach`() async throws {
        let broken = try await laws { request, context, next in
            (try? await next(request, in: context)) ?? .text("all is well")
        }
        #expect(broken == [.passesErrorsOn])
    }

    @Test func `replacing an error by one that says nothing to a client is a breach`() async throws {
        struct Mine: Error {}
        let broken = try await laws { request, context, next in
            do { return try await next(request, in: context) } catch { throw Mine() }
        }
        #expect(broken == [.passesErrorsOn])
    }

    @Test func `calling next in another task is a breach`() async throws {
        let broken = try await laws { request, context, next in
            async let response = next(request, in: context)
            return try await response
        }
        #expect(broken == [.staysInItsTask])
    }

    @Test func `a detached task, which has lost the context, is two breaches`() async throws {
        let broken = try await laws { request, context, next in
            try await Task.detached { try await next(request, in: context) }.value
        }
        #expect(broken == [.staysInItsTask, .leavesTheContext])
    }

    @Test func `giving the rest another context is a breach`() async throws {
        let broken = try await laws { request, context, next in
            let other = RequestContext(app: context.app, values: context.g)
            return try await RequestContext.withCurrent(other) { try await next(request, in: other) }
        }
        #expect(broken == [.leavesTheContext])
    }

    @Test func `emptying the context is a breach`() async throws {
        let broken = try await laws { request, context, next in
            context.g = ContextValues()
            return try await next(request, in: context)
        }
        #expect(broken == [.leavesTheContext])
    }

    @Test func `reading the body before the handler does is a breach, and may be spared`() async throws {
        let reading = Doing { request, context, next in
            _ = try await request.body.collect()
            return try await next(request, in: context)
        }
        #expect(try await MiddlewareLaws.breaches(of: reading).map(\.law) == [.leavesTheRequestBody])
        #expect(try await MiddlewareLaws.breaches(of: reading, sparing: [.leavesTheRequestBody]) == [])
    }

    @Test func `collecting a stream into bytes is a breach`() async throws {
        let broken = try await laws { request, context, next in
            var response = try await next(request, in: context)
            if response.body.isStream { response.body = .bytes([1, 2, 3]) }
            return response
        }
        #expect(broken == [.streamsTheResponse])
    }

    @Test func `running a stream ahead of its client is a breach`() async throws {
        let broken = try await laws { request, context, next in
            var response = try await next(request, in: context)
            response.body = response.body.wrappingProducer { produce, writer in
                // All of it is made before a byte of it is sent.
                let held = Held()
                try await produce(held.writer)
                for chunk in held.chunks { try await writer.write(chunk) }
            }
            return response
        }
        #expect(broken == [.streamsTheResponse])
    }

    private final class Held: Sendable {
        private let state = Mutex<[[UInt8]]>([])

        var chunks: [[UInt8]] { state.withLock { $0 } }
        var writer: ResponseWriter { ResponseWriter(sink: { bytes in self.state.withLock { $0.append(bytes) } }) }
    }

    @Test func `mixing up the answers of requests is a breach`() async throws {
        let last = Mutex<Response?>(nil)
        let broken = try await laws { request, context, next in
            let response = try await next(request, in: context)
            guard response.headers[.init("x-law-marker")!] != nil else { return response }
            return last.withLock { kept in
                defer { kept = response }
                return kept ?? response
            }
        }
        #expect(broken == [.keepsRequestsApart])
    }

    @Test func `a request may name its host`() async throws {
        let middleware = Doing { request, context, next in
            guard request.authority == "mill.test" else { return .text("elsewhere") }
            return try await next(request, in: context)
        }
        let requests = [TestRequest("GET", "/", headers: ["Host": "mill.test"])]
        #expect(try await MiddlewareLaws.breaches(of: middleware, requests: requests) == [])
    }

    @Test func `a breach says what was seen, and for which request`() async throws {
        let breaches = try await MiddlewareLaws.breaches(
            of: Doing { request, context, next in (try? await next(request, in: context)) ?? .text("well") },
            requests: [TestRequest("GET", "/a")]
        )
        #expect(
            breaches.map(\.description) == ["GET /a: the handler has thrown an error, and the answer was 200 OK"]
        )
    }
}
