// swift-tools-version: 6.2
import PackageDescription

let nio: Package.Dependency = .package(url: "https://github.com/apple/swift-nio", from: "2.101.2")

/// A release binary needs no library beside it. Tests of a release build are linked in the usual way: HALDANE_DYNAMIC=1.
let linksStatically = Context.environment["HALDANE_DYNAMIC"] == nil

let package = Package(
    name: "haldane",
    products: [.executable(name: "haldane", targets: ["haldane"])],
    dependencies: [
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        nio,
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C libraries of the system: a header and nothing clever.
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2"), .linkedLibrary("stdc++")]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CSnappy", providers: [.apt(["libsnappy-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),

        // The core: values in, values out; no I/O, no clock, no tasks.
        .target(name: "Model", dependencies: ["CRE2"]),
        .target(name: "Exposition", dependencies: ["Model"]),
        .target(name: "TSDB", dependencies: ["Model"]),
        .target(name: "PromQL", dependencies: ["Model"]),
        .target(name: "PromQLScripts", dependencies: ["PromQL", "TSDB", "Model"]),
        .target(name: "Documents", dependencies: ["Model", "CYAML"]),
        .target(name: "FlaggerAPI", dependencies: ["Documents", "Model"]),
        .target(name: "Analyzer", dependencies: ["PromQL", "FlaggerAPI", "Documents", "Model"]),
        .target(name: "Rollout", dependencies: ["FlaggerAPI", "Model"]),
        .target(name: "Replay", dependencies: ["Analyzer", "Rollout", "FlaggerAPI", "Documents", "Model"]),

        // The shell: files, sockets, clocks.
        .target(name: "Archive", dependencies: ["TSDB", "Model", "CSQLite", "CZstd"]),
        .target(
            name: "Scrape",
            dependencies: [
                "Exposition", "Model", "Documents", "CDeflate",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .target(name: "RemoteWrite", dependencies: ["Model", "CSnappy"]),
        .target(name: "Controller", dependencies: ["Rollout", "FlaggerAPI", "Model"]),
        .target(
            name: "Server",
            dependencies: [
                "AnalysisService", "PrometheusAPI", "TSDB", "PromQL", "Analyzer", "FlaggerAPI", "RemoteWrite", "Replay",
                "Model", "Documents",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            resources: [.embedInCode("Page/Assets")]),
        .target(name: "AnalysisService", dependencies: ["Analyzer", "FlaggerAPI", "PromQL", "Model", "Documents"]),
        .target(
            name: "Simulator",
            dependencies: [
                "Model", "Analyzer", "FlaggerAPI", "Rollout", "CDeflate",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),

        .target(
            name: "Outbound",
            dependencies: [
                "Model", .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .target(
            name: "PrometheusAPI", dependencies: ["Outbound", "Analyzer", "FlaggerAPI", "PromQL", "Documents", "Model"]),
        .target(
            name: "CanaryTesting",
            dependencies: ["Analyzer", "FlaggerAPI", "PromQLScripts", "PromQL", "TSDB", "Documents", "Model"]),
        .target(name: "Console", dependencies: ["PromQL", "Model"]),
        .target(
            name: "Bench",
            dependencies: [
                "Console", "PrometheusAPI", "Outbound", "Server", "AnalysisService", "Simulator", "RemoteWrite",
                "Archive",
                "Analyzer", "FlaggerAPI", "PromQL", "TSDB", "Exposition", "Documents", "Model",
            ]),

        // The one program.
        .target(
            name: "Commands",
            dependencies: [
                "CMalloc",
                "Model", "Exposition", "TSDB", "Archive", "PromQL", "PromQLScripts", "Documents", "Analyzer",
                "FlaggerAPI", "Rollout", "Replay", "Scrape",
                "Controller", "Server", "AnalysisService", "Simulator", "RemoteWrite", "Outbound", "PrometheusAPI",
                "CanaryTesting", "Console", "Bench",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        .executableTarget(
            name: "haldane",
            dependencies: ["Commands", "Model", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            linkerSettings: linksStatically
                ? [.unsafeFlags(["-static-executable"], .when(configuration: .release))] : []),

        .target(
            name: "TestSupport",
            dependencies: [
                "Model", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], path: "Tests/TestSupport"),
        .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
        .testTarget(name: "AllocationTests", dependencies: ["CAllocationCount", "PromQL", "TSDB", "Model"]),
        .testTarget(name: "ModelTests", dependencies: ["Model", "TestSupport"]),
        .testTarget(
            name: "ExpositionTests", dependencies: ["Exposition", "Model", "TestSupport"], exclude: ["Bodies"]),
        .testTarget(name: "TSDBTests", dependencies: ["TSDB", "Model", "TestSupport"]),
        .testTarget(name: "ArchiveTests", dependencies: ["Archive", "TSDB", "Model", "TestSupport"]),
        .testTarget(
            name: "PromQLTests", dependencies: ["PromQL", "Model", "TestSupport"], exclude: ["Conformance"]),
        .testTarget(
            name: "PromQLScriptsTests", dependencies: ["PromQLScripts", "PromQL", "TSDB", "Model", "TestSupport"]),
        .testTarget(name: "RemoteWriteTests", dependencies: ["RemoteWrite", "Model", "TestSupport"]),
        .testTarget(name: "DocumentsTests", dependencies: ["Documents", "TestSupport"]),
        .testTarget(name: "FlaggerAPITests", dependencies: ["FlaggerAPI", "Model", "Documents", "TestSupport"]),
        .testTarget(
            name: "RolloutTests",
            dependencies: ["Rollout", "FlaggerAPI", "Model", "Documents", "Simulator", "TestSupport"]),
        .testTarget(
            name: "AnalyzerTests",
            dependencies: ["Analyzer", "FlaggerAPI", "PromQL", "Model", "Documents", "Simulator", "TestSupport"]),
        .testTarget(
            name: "ScrapeTests",
            dependencies: [
                "Scrape", "Exposition", "Model", "Documents", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .testTarget(
            name: "SimulatorTests",
            dependencies: [
                "Simulator", "Scrape", "Exposition", "Controller", "Analyzer", "FlaggerAPI", "Rollout", "Model",
                "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
        .testTarget(
            name: "ControllerTests",
            dependencies: ["Controller", "Simulator", "Analyzer", "FlaggerAPI", "Rollout", "Model", "TestSupport"],
            exclude: ["Recordings"]),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Server", "AnalysisService", "PrometheusAPI", "TSDB", "PromQL", "Analyzer", "FlaggerAPI", "RemoteWrite",
                "Model",
                "Documents", "Simulator", "TestSupport",
            ]),
        .testTarget(name: "OutboundTests", dependencies: ["Outbound", "Model", "TestSupport"]),
        .testTarget(
            name: "PrometheusAPITests",
            dependencies: [
                "PrometheusAPI", "Outbound", "Analyzer", "FlaggerAPI", "PromQL", "Documents", "Model", "TestSupport",
            ]),
        .testTarget(
            name: "CanaryTestingTests",
            dependencies: ["CanaryTesting", "Analyzer", "FlaggerAPI", "Documents", "Model", "TestSupport"]),
        .testTarget(
            name: "AnalysisServiceTests",
            dependencies: ["AnalysisService", "Analyzer", "FlaggerAPI", "Model", "TestSupport"]),
        .testTarget(name: "ConsoleTests", dependencies: ["Console", "PromQL", "Model", "TestSupport"]),
        .testTarget(
            name: "CommandsTests",
            dependencies: [
                "Commands", "CanaryTesting", "PrometheusAPI", "Console", "Outbound", "Analyzer", "FlaggerAPI",
                "Rollout", "Replay", "PromQL", "TSDB", "Documents",
                "Model", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        // All parts in one process.
        .testTarget(
            name: "InProcessTests",
            dependencies: [
                "Bench", "Simulator", "Scrape", "Exposition", "Server", "AnalysisService", "Archive", "TSDB",
                "PromQL",
                "Analyzer", "FlaggerAPI", "Rollout", "Replay", "Model", "Documents", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        // These start the real program.
        .testTarget(name: "PeerTests", dependencies: ["haldane", "RemoteWrite", "Model", "TestSupport"]),
        .testTarget(
            name: "ProgramTests",
            dependencies: [
                "haldane", "Analyzer", "FlaggerAPI", "Rollout", "Archive", "PromQL", "TSDB", "RemoteWrite", "Model",
                "Documents", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        .testTarget(name: "TidyTests"),
    ],
    swiftLanguageModes: [.v6]
)

/// What every Swift target of this package is compiled with.
let house: [SwiftSetting] =
    [
        .treatAllWarnings(as: .error), .strictMemorySafety(),
        // Hot generic code is called across modules; without this it is not specialised there.
        .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
    ]
    + [
        "ExistentialAny", "MemberImportVisibility", "InternalImportsByDefault", "NonisolatedNonsendingByDefault",
        "InferIsolatedConformances", "ImmutableWeakCaptures",
    ].map { .enableUpcomingFeature($0) }

for target in package.targets where target.type != .system && !["CRE2", "CAllocationCount"].contains(target.name) {
    target.swiftSettings = (target.swiftSettings ?? []) + house
}
