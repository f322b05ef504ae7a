// swift-tools-version: 6.2
import PackageDescription

let package = Package(name: "haldane", targets: [.target(name: "CRE2"), .target(name: "Model", dependencies: ["CRE2"])])
