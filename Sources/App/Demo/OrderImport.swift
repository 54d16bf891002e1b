import Baton
import Foundation

/// `POST /orders/import`: answers at once, and imports in the background after the response.
///
/// The body has one order a line. `GET /operation-log` shows who imported what.
struct OrderImport: Sendable {
    /// Called before each order; the slowness of the demo, and the gate of its tests.
    var beforeEach: @Sendable () -> Void = { Thread.sleep(forTimeInterval: 0.2) }

    func addRoutes(to router: inout Router) {
        router.post("/orders/import") { request, context in
            let orders = Self.orders(in: try await request.body.collect())
            try context.pool.submit { try importAll(orders) }
            return try .json(["accepted": orders.count], status: .accepted)
        }
        router.get("/operation-log") { _, context in
            try .json(context.app.values.operationLog.all)
        }
    }

    private func importAll(_ orders: [String]) throws {
        for order in orders {
            beforeEach()
            try importOne(order)
        }
    }

    /// Deep inside, nobody has passed a user down, and yet the log knows who it was.
    private func importOne(_ order: String) throws {
        try saveOperationLog("imported order \(order)")
    }

    private static func orders(in body: [UInt8]) -> [String] {
        let lines = String(decoding: body, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
        return lines.isEmpty ? ["1", "2", "3"] : lines
    }
}
