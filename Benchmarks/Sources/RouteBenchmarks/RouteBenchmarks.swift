import EventServer
import Foundation
import HTTPTypes
import Middleware

/// Measures what looking a route up costs among ten routes and among ten thousand: `RouteBenchmarks [rounds]`.
@main
enum RouteBenchmarks {
    private static let lookups = 200_000

    static func main() throws {
        let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 5
        print("Nanoseconds a look-up; medians and ranges of \(rounds) rounds of \(lookups).\n")
        print("| path | 10 routes | range | 10,000 routes | range |\n|---|---:|---:|---:|---:|")
        let small = try table(10)
        let large = try table(10_000)
        for (name, path) in cases {
            // One after the other in each round, so that a slow minute of the machine hits both alike.
            var samples: (small: [Double], large: [Double]) = ([], [])
            for round in 0...rounds {
                let pair = (measure(small, path(10)), measure(large, path(10_000)))
                guard round > 0 else { continue }
                samples.small.append(pair.0)
                samples.large.append(pair.1)
            }
            print("| \(name) | \(cells(samples.small)) | \(cells(samples.large)) |")
        }
    }

    /// Five routes for each resource: as an application with many of them has.
    private static func table(_ count: Int) throws -> RouteTable {
        var router = Router()
        for index in 0..<(count / 5) {
            router.group("/api/resource\(index)") { group in
                group.get("") { _, _ in .text("") }
                group.get("/about") { _, _ in .text("") }
                group.get("/{id}") { _, _ in .text("") }
                group.get("/{id}/parts/{part:int}") { _, _ in .text("") }
                group.get("/files/{path...}") { _, _ in .text("") }
            }
        }
        return try router.makeTable()
    }

    /// Each asks the resource that was added last.
    private static let cases: [(name: String, path: @Sendable (Int) -> String)] = [
        ("without parameters", { "/api/resource\($0 / 5 - 1)/about" }),
        ("one parameter", { "/api/resource\($0 / 5 - 1)/7" }),
        ("two parameters", { "/api/resource\($0 / 5 - 1)/7/parts/8" }),
        ("wildcard", { "/api/resource\($0 / 5 - 1)/files/a/b/c.txt" }),
        ("unknown", { "/api/resource\($0 / 5)/7" }),
    ]

    private static func measure(_ table: RouteTable, _ path: String) -> Double {
        var found = 0
        let clock = SuspendingClock()
        let time = clock.measure {
            for _ in 0..<lookups where table.route(for: .get, path) != nil { found += 1 }
        }
        guard found == lookups || found == 0 else { return .nan }
        return time / .nanoseconds(1) / Double(lookups)
    }

    private static func cells(_ values: [Double]) -> String {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return " | " }
        let median = sorted[(sorted.count - 1) / 2]
        return String(format: "%.0f | %.0f to %.0f", median, first, last)
    }
}
