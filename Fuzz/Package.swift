// swift-tools-version: 6.3

import PackageDescription

// A package of its own, so that no user's build sees it; `make fuzz` builds it with the flags that libFuzzer needs.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let server: [Target.Dependency] = [
    .product(name: "EventServer", package: "baton"),
    .product(name: "HTTPTypes", package: "swift-http-types"),
    .product(name: "Logging", package: "swift-log"),
]

let package = Package(
    name: "fuzz",
    dependencies: [
        .package(name: "baton", path: ".."),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        // The main function is libFuzzer's own. A Swift executable would bring another, hence C without a line of code.
        .executableTarget(name: "ParserFuzz", dependencies: ["ParserTarget"]),
        .executableTarget(name: "ConnectionFuzz", dependencies: ["ConnectionTarget"]),
        .target(name: "ParserTarget", dependencies: server, swiftSettings: strict),
        .target(name: "ConnectionTarget", dependencies: server, swiftSettings: strict),
    ]
)
