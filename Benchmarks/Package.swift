// swift-tools-version: 6.3

import PackageDescription

// A package of its own, so that no user's build pulls a rival; `make bench-pool` and `make bench-routes` build and run it.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(name: "baton", path: ".."),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        .executableTarget(
            name: "PoolBenchmarks",
            dependencies: [
                .product(name: "ContextPool", package: "baton"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "BenchServer",
            dependencies: [.product(name: "Baton", package: "baton")],
            swiftSettings: strict
        ),
        .target(name: "CAllocationCounter"),
        .executableTarget(
            name: "PoolAllocations",
            dependencies: ["CAllocationCounter", .product(name: "ContextPool", package: "baton")],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "RouteBenchmarks",
            dependencies: [
                .product(name: "EventServer", package: "baton"),
                .product(name: "Middleware", package: "baton"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: strict
        ),
    ]
)
