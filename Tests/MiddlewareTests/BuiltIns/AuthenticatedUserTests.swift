import ContextPool
import Middleware
import Testing

@Suite struct AuthenticatedUserTests {
    private let user = AuthenticatedUser(id: "ann", method: .token, claims: ["email": "ann@example.org"])

    @Test func `a user is described by the name alone, in whatever it is part of`() {
        struct Order {
            let user: AuthenticatedUser
        }
        #expect("\(user)" == "ann")
        #expect("\([user])" == "[ann]")
        #expect("\(Order(user: user))" == "Order(user: ann)")
        var text = ""
        dump(user, to: &text)
        #expect(text.contains("email") && !text.contains("ann@example.org"))
    }

    @Test func `a snapshot shows who the user is, and no claims`() async throws {
        let exchange = try TestExchange()
        let context = RequestContext(app: exchange.app)
        context.g.user = user
        let description = RequestContext.withCurrent(context) { ContextSnapshot.capture().description }
        #expect(description.contains("user=ann"))
        #expect(!description.contains("example.org"))
    }
}
