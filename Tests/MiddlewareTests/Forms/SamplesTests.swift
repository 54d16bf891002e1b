import ContextPool
import EventServer
import HTTPTypes
import Middleware
import TestSupport
import Testing

/// The samples of `docs/request-bodies.md`.
@Suite struct SamplesTests {
    struct SignUp: Decodable {
        var email: String
        var age: Int?
        var newsletter: Bool
        var topics: [String]
    }

    struct Page: Decodable {
        var number: Int?
    }

    @Test func `the samples compile, and answer`() async throws {
        var router = Router()

        router.post("/sign-up") { request, _ in
            let signUp = try await request.form(SignUp.self, upTo: 16_384)
            return .text("Welcome, \(signUp.email)")
        }

        router.get("/search") { request, _ in
            let page = try request.query.decode(Page.self)
            return .text("page \(page.number ?? 1)")
        }

        router.post("/orders") { request, _ in
            let prices = try await request.json([String: Double].self, upTo: 65_536)
            return .text("\(prices.count) items")
        }

        router.post("/photos") { request, _ in
            var limits = MultipartLimits()
            limits.size = 100_000_000
            limits.partSize = 20_000_000
            var sizes: [Int] = []
            for try await part in request.parts(limits: limits) where part.filename != nil {
                if case .file(let file) = part.content {
                    try await file.move(to: "/var/lib/shop/\(UInt64.random(in: 0 ... .max))")
                }
                sizes.append(part.size)
            }
            return .text("\(sizes)")
        }

        let handler = try router.makeHandler()
        let exchange = try TestExchange()
        let form = "application/x-www-form-urlencoded"
        let signUp = try Request.post("email=a%40b&topics=x", to: "/sign-up", type: form)
        #expect(await exchange.send(signUp, handler).text == "Welcome, a@b")
        let order = try Request.post(#"{"pen":1.5}"#, to: "/orders", type: "application/json")
        #expect(await exchange.send(order, handler).text == "1 items")
        let photo = "--b\r\nContent-Disposition: form-data; name=p; filename=q\r\n\r\nxyz\r\n--b--"
        let photos = try Request.post(photo, to: "/photos", type: "multipart/form-data; boundary=b")
        #expect(await exchange.send(photos, handler).text == "[3]")
        #expect(await exchange.send(try .test("/search?number=3"), handler).text == "page 3")
        let wrong = await exchange.send(try .test("/search?number=x"), handler)
        #expect(wrong.status == .badRequest)
        #expect(wrong.text.contains("\"number\""))
    }
}
