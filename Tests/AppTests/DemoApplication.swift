import Baton
import TestSupport

@testable import App

/// The demo as it ships: the routes of the binary, the chain and the values of `config.yml`.
enum DemoApplication {
    static let secret = "a-demo-secret-that-everybody-knows"

    static let yaml = """
        chain: [request-id, access-log, auth, g]
        middleware:
          auth: { required: false, secret: a-demo-secret-that-everybody-knows }
          g:
            values:
              userID: { header: user-id, default: nobody }
        """

    static func run<Result: Sendable>(
        yaml: String = yaml,
        orderImport: OrderImport = OrderImport(beforeEach: {}),
        reports: Reports = Reports(),
        _ body: @escaping @Sendable (TestApplication) async throws -> Result
    ) async throws -> Result {
        try await TestApplication.run(yaml: yaml) { app in
            Demo.addRoutes(to: &app, orderImport: orderImport, reports: reports)
        } _: { app in
            try await body(app)
        }
    }
}
