// swift-tools-version: 6.3

import PackageDescription

let package = Package(
    name: "tenant-id-plugin",
    products: [.library(name: "TenantID", type: .dynamic, targets: ["TenantIDPlugin"])],
    dependencies: [.package(name: "baton", path: "../..")],
    targets: [
        // On the program, not on the library Baton: what the plug-in uses is in the server that loads it, and the plug-in
        // must bring no second one.
        .target(name: "TenantIDPlugin", dependencies: [.product(name: "baton", package: "baton")]),
        .testTarget(
            name: "TenantIDPluginTests",
            dependencies: [
                "TenantIDPlugin", .product(name: "Baton", package: "baton"),
                .product(name: "MiddlewareTesting", package: "baton"),
            ]
        ),
    ]
)
