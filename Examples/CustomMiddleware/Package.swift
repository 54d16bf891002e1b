// swift-tools-version: 6.3

import PackageDescription

let package = Package(
    name: "custom-middleware",
    dependencies: [.package(name: "baton", path: "../..")],
    targets: [
        .executableTarget(name: "Shop", dependencies: [.product(name: "Baton", package: "baton")]),
        .testTarget(
            name: "ShopTests",
            dependencies: [
                "Shop", .product(name: "Baton", package: "baton"),
                .product(name: "MiddlewareTesting", package: "baton"),
            ]
        ),
    ]
)
