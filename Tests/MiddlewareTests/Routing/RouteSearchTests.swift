import EventServer
import HTTPTypes
import Testing

@testable import Middleware

/// What a look-up costs, counted in nodes of the tree.
@Suite struct RouteSearchTests {
    private func table(_ patterns: [String]) throws -> RouteTable {
        var router = Router()
        for pattern in patterns { router.get(pattern) { _, _ in .text("") } }
        return try router.makeTable()
    }

    private func visits(_ path: String, in table: RouteTable) -> Int { table.look(for: path, .get) { "" }.visits }

    @Test(arguments: [10, 100, 10_000])
    func `a look-up visits the same nodes among ten routes and among ten thousand`(_ count: Int) throws {
        let patterns = (0..<count).flatMap { ["/shop\($0)/items/{id}", "/shop\($0)/about"] }
        let table = try table(patterns)
        // The root, the shop, "items", and the parameter.
        #expect(visits("/shop\(count - 1)/items/7", in: table) == 4)
        #expect(visits("/shop\(count - 1)/nothing", in: table) == 2)
        #expect(visits("/nowhere/items/7", in: table) == 1)
        // A path without parameters is found as a whole.
        #expect(visits("/shop\(count - 1)/about", in: table) == 0)
    }

    /// Routes of `depth` segments, each `a` or a parameter, in all ways that there are: the worst that can be declared.
    private func worst(depth: Int) -> [String] {
        (0..<(1 << depth))
            .map { choice in
                let parts = (0..<depth).map { choice >> $0 & 1 == 0 ? "a" : "{p\($0)}" }
                return "/" + (parts + ["end"]).joined(separator: "/")
            }
    }

    @Test func `going back visits no node twice, whatever is sent`() throws {
        let depth = 8
        let table = try table(worst(depth: depth))
        // A full tree of text and parameters, without the ends: no "end" is there.
        let nodes = (1 << (depth + 1)) - 1
        let path = String(repeating: "/a", count: depth)
        #expect(visits(path, in: table) == nodes)
        #expect(visits(path + "/x", in: table) == nodes)
        #expect(visits(path + String(repeating: "/a", count: 4000), in: table) == nodes)
        #expect(visits("/" + String(repeating: "a", count: 8000), in: table) == 2)
    }

    @Test(arguments: ["/a", "/%61", "/", "/..", "/7", "/%37", "/x%"])
    func `no path of random segments visits more nodes than there are`(_ piece: String) throws {
        let patterns = ["/a/{x}/a", "/{x}/a/{y}", "/{x:int}/{y}/b", "/{x}/{rest...}", "/a/{rest...}", "/a/a/a/a"]
        let table = try table(patterns)
        for length in 1...200 {
            // The nodes of the tree: the root, and one for each beginning that differs.
            #expect(visits(String(repeating: piece, count: length), in: table) <= 14)
        }
    }

    @Test func `both spellings of the slash cost two look-ups at most`() throws {
        var router = Router()
        router.get("/a/{x}/") { _, _ in .text("") }
        router.trailingSlash = .ignore
        let table = try router.makeTable()
        #expect(table.look(for: "/a/7", .get) { "" }.visits == 3 + 4)
    }
}
