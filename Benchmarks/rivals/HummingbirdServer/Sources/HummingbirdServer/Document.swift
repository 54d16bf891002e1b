import Hummingbird

/// The JSON of BenchServer.
struct Document: ResponseCodable {
    var name: String
    var items: [Item]

    static var sample: Document { Document(name: "orders", items: (1...14).map(Item.init)) }
}

struct Item: Codable, Sendable {
    var id: Int
    var name: String
    var price: Double
    var isAvailable: Bool

    init(_ id: Int) {
        self.id = id
        name = "item number \(id)"
        price = Double(id) * 1.25
        isAvailable = !id.isMultiple(of: 3)
    }
}
