// swift-tools-version: 6.3

import PackageDescription

/// What every target of ours compiles with, tests included: no target may opt out.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
    .enableUpcomingFeature("InternalImportsByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0458-strict-memory-safety.md
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let package = Package(
    name: "baton",
    products: [
        .library(name: "EventServer", targets: ["EventServer"]),
        .library(name: "ContextPool", targets: ["ContextPool"]),
        .library(name: "ContextPoolTesting", targets: ["ContextPoolTesting"]),
        .library(name: "Middleware", targets: ["Middleware"]),
        .library(name: "Baton", targets: ["Baton"]),
        .library(name: "MiddlewareTesting", targets: ["MiddlewareTesting"]),
        .executable(name: "baton", targets: ["App"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        .systemLibrary(name: "CLibevent", pkgConfig: "libevent_core", providers: [.apt(["libevent-dev"])]),
        .systemLibrary(name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
        .target(
            name: "EventServer",
            dependencies: ["CLibevent", httpTypes, logging, serviceLifecycle],
            swiftSettings: strict
        ),
        .target(name: "ContextPool", swiftSettings: strict),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CBrotli", pkgConfig: "libbrotlienc", providers: [.apt(["libbrotli-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "Codings", dependencies: ["CZlib", "CBrotli", "CZstd"], swiftSettings: strict),
        .target(name: "ContextPoolTesting", dependencies: ["ContextPool"], swiftSettings: strict),
        .target(
            name: "Middleware",
            dependencies: [
                "CCrypt", "EventServer", "ContextPool", "Codings", httpTypes, logging,
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "JWTKit", package: "jwt-kit"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Baton",
            dependencies: [
                "EventServer", "ContextPool", "Middleware", httpTypes, logging, serviceLifecycle,
                .product(name: "Yams", package: "Yams"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "MiddlewareTesting",
            dependencies: ["Baton", "EventServer", "ContextPool", "Middleware", httpTypes, logging],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "App",
            dependencies: ["Baton", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict,
            // Loaded plug-ins use what is in the program; see docs/decisions/021-plug-ins-share-the-program.md.
            linkerSettings: [.unsafeFlags(["-Xlinker", "-export-dynamic"])]
        ),
        .systemLibrary(
            name: "CBrotliDecoder",
            path: "Tests/CBrotliDecoder",
            pkgConfig: "libbrotlidec",
            providers: [.apt(["libbrotli-dev"])]
        ),
        .target(
            name: "TestSupport",
            dependencies: ["Baton", "EventServer", "CZlib", "CZstd", "CBrotliDecoder", logging],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        // Replaces malloc, so nothing but a process of its own may be linked with it: no test is.
        .target(name: "CAllocationCounter", path: "Benchmarks/Sources/CAllocationCounter"),
        .target(name: "CSystemCallCounter", path: "Tests/CSystemCallCounter"),
        .executableTarget(
            name: "AllocationProbe",
            dependencies: ["Baton", "EventServer", "CAllocationCounter", "CSystemCallCounter"],
            path: "Tests/AllocationProbe",
            swiftSettings: strict
        ),
        .testTarget(name: "AllocationTests", swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        .testTarget(name: "EventServerTests", dependencies: ["EventServer", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "ContextPoolTests", dependencies: ["ContextPool", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "CodingsTests", dependencies: ["Codings", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ContextPoolTestingTests",
            dependencies: ["ContextPool", "ContextPoolTesting", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "MiddlewareTests",
            dependencies: [
                "Baton", "Codings", "Middleware", "TestSupport",
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "BatonTests",
            dependencies: [
                "Baton", "TestSupport", .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "MiddlewareTestingTests",
            dependencies: ["Baton", "MiddlewareTesting", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(name: "SoakTests", dependencies: ["App", "Baton", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "AppTests", dependencies: ["App", "TestSupport"], swiftSettings: strict),
    ]
)
