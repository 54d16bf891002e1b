// swift-tools-version: 6.3

import PackageDescription

let package = Package(
    name: "hello-world",
    dependencies: [.package(name: "baton", path: "../..")],
    targets: [.executableTarget(name: "HelloWorld", dependencies: [.product(name: "Baton", package: "baton")])]
)
