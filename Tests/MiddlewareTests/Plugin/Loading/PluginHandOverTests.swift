import ContextPool
import EventServer
import Testing

@testable import Middleware

@Suite struct PluginHandOverTests {
    private struct Tenant: MiddlewarePlugin {
        static let name = "tenant"

        init(options: NoOptions) {}

        func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
            try await next(request, in: context)
        }
    }

    @Test func whatAnEntryPointHandsOverIsTakenInItsOrder() {
        let handOver = PluginHandOver {
            LoadablePlugin.handOver(Tenant.self, ErrorsMiddleware.self)
            LoadablePlugin.handOver(GMiddleware.self)
        }
        #expect(handOver.plugins.map { $0.name } == ["tenant", "errors", "g"])
        #expect(handOver.fits)
        #expect(handOver.refusal == nil)
    }

    @Test func eachLoadGetsItsOwnTypesAndOutsideOfOneNothingHappens() {
        LoadablePlugin.handOver(Tenant.self)
        LoadablePlugin.refuse("to nobody")
        let outer = PluginHandOver {
            let inner = PluginHandOver { LoadablePlugin.handOver(GMiddleware.self) }
            #expect(inner.plugins.map { $0.name } == ["g"])
        }
        #expect(outer.plugins.isEmpty)
        #expect(outer.refusal == nil)
    }

    @Test func aPluginThatKnowsOtherSizesDoesNotFit() {
        let handOver = PluginHandOver {
            LoadablePlugin.handOver(Tenant.self)
            LoadablePlugin.receive([GMiddleware.self], marks: [], layout: LoadablePlugin.layout.dropLast() + [0])
            LoadablePlugin.handOver(Tenant.self)
        }
        #expect(!handOver.fits)
        #expect(LoadablePlugin.layout.allSatisfy { $0 > 0 })
    }

    @Test func aReasonToRefuseIsKept() {
        #expect(PluginHandOver { LoadablePlugin.refuse("no license") }.refusal == "no license")
    }

    @Test func theMarksAreLinesOfTheirOwn() {
        #expect(LoadablePlugin.marks.count == 3)
        for mark in LoadablePlugin.marks {
            #expect(mark.hasPrefix("baton-plugin-mark "))
            // A server looks at no more of one.
            #expect(mark.hasSuffix("\n") && mark.utf8.count < 64)
        }
    }
}
