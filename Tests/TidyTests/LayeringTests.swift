import Foundation
import Testing

/// The module table of docs/ARCHITECTURE.md as a test: who may import whom.
@Suite("Layering") struct LayeringTests {
    /// What each module may import of ours and of others. The toolchain's own (Swift, Synchronization, Glibc) are free.
    static let allowed: [String: Set<String>] = [
        "Model": ["CRE2"],
        "Exposition": ["Model"],
        "TSDB": ["Model"],
        "Archive": ["TSDB", "Model", "CSQLite", "CZstd", "FoundationEssentials"],
        "PromQL": ["Model"],
        "PromQLScripts": ["PromQL", "TSDB", "Model"],
        "Documents": ["CYAML"],
        "Analyzer": ["PromQL", "Model", "Documents"],
        "Scrape": [
            "Exposition", "Model", "Documents", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOTLS", "NIOSSL",
            "NIOConcurrencyHelpers", "CDeflate", "FoundationEssentials",
        ],
        "RemoteWrite": ["Model", "CSnappy"],
        "Controller": ["Analyzer", "Kubernetes", "Model", "Documents", "AsyncHTTPClient", "FoundationEssentials"],
        "Server": [
            "NIOCore", "NIOPosix", "NIOHTTP1", "Logging", "ServiceLifecycle", "TSDB",
            "PromQL", "Analyzer", "RemoteWrite", "Model", "Documents", "FoundationEssentials",
        ],
        "Simulator": [
            "Model", "Analyzer", "CDeflate", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOConcurrencyHelpers",
            "FoundationEssentials",
        ],
        "haldane": [
            "Model", "Exposition", "TSDB", "Archive", "PromQL", "PromQLScripts", "Documents", "Analyzer", "Scrape",
            "RemoteWrite", "Kubernetes", "Controller", "Server", "Simulator", "ArgumentParser", "AsyncHTTPClient",
            "NIOCore", "NIOPosix", "NIOHTTP1", "NIOSSL", "NIOFoundationEssentialsCompat", "Logging",
            "CMalloc", "ServiceLifecycle", "UnixSignals", "FoundationEssentials",
        ],
    ]

    /// Modules that do no I/O, hold no clock and start no task.
    static let core: Set<String> = ["Model", "Exposition", "TSDB", "PromQL", "PromQLScripts", "Documents", "Analyzer"]

    static let toolchain: Set<String> = ["Swift", "Synchronization", "Glibc", "Musl", "Darwin", "Dispatch"]

    @Test("each module imports only what the table allows") func imports() {
        for file in Repository.files("Sources") {
            guard let allowed = Self.allowed[file.module] else {
                #expect(file.module.hasPrefix("C"), "\(file.path): module \(file.module) is not in the table")
                continue
            }
            for line in file.lines {
                guard let module = Self.importedModule(line), !Self.toolchain.contains(module) else { continue }
                #expect(allowed.contains(module), "\(file.path) imports \(module), which \(file.module) may not")
            }
        }
    }

    @Test("the core starts no task, reads no clock, opens no file") func purity() {
        let bans = [
            "Task {", "Task.detached", "Task.sleep", "withTaskGroup", "withThrowingTaskGroup", "ContinuousClock",
            "SuspendingClock", "DispatchQueue", "clock_gettime", "gettimeofday", "fopen(", "FileManager",
            "FileHandle", "pthread_create",
        ]
        for file in Repository.files("Sources") where Self.core.contains(file.module) {
            for ban in bans where file.text.contains(ban) {
                Issue.record("\(file.path) uses \(ban), which the core may not")
            }
        }
    }

    @Test("nothing imports full Foundation: it adds 45 MB to the binary") func foundation() {
        for file in Repository.files("Sources") {
            for line in file.lines where Self.importedModule(line) == "Foundation" {
                Issue.record(
                    "\(file.path) imports Foundation; use FoundationEssentials in the shell, nothing in the core")
            }
        }
    }

    /// The module of an `import` line, `nil` for any other line.
    static func importedModule(_ line: Substring) -> String? {
        var words = line.split(separator: " ")[...]
        if let first = words.first, ["package", "private", "internal", "fileprivate", "public"].contains(first) {
            words = words.dropFirst()
        }
        if words.first == "@preconcurrency" || words.first == "@testable" { words = words.dropFirst() }
        guard words.first == "import", var name = words.dropFirst().first else { return nil }
        if ["struct", "class", "enum", "func", "var", "let", "protocol"].contains(name) {
            name = words.dropFirst(2).first ?? name
        }
        return name.split(separator: ".").first.map(String.init)
    }
}
