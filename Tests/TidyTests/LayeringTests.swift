import Foundation
import Testing

/// The module table of docs/ARCHITECTURE.md as a test: who may import whom.
@Suite("Layering") struct LayeringTests {
    static let table = ModuleTable.current

    /// The toolchain's own modules, which everybody may import.
    static let toolchain: Set<String> = ["Swift", "Synchronization", "Glibc", "Musl", "Darwin", "Dispatch"]

    @Test("the table names every module once, and core modules are rows of it") func table() {
        let modules = Set(Repository.files("Sources").map(\.module))
        #expect(modules.count >= 15, "\(modules)")
        #expect(modules == Set(Self.table.allowed.keys))
        #expect(Self.table.core.count >= 7 && Self.table.core.isSubset(of: modules), "\(Self.table.core)")
    }

    @Test("the table has no circle") func circles() {
        for module in Self.table.allowed.keys {
            #expect(!Self.table.mayImport(module).contains(module), "\(module) may import itself by way of others")
        }
    }

    @Test("each module imports only what the table allows") func imports() {
        var count = 0
        for file in Repository.files("Sources") {
            let allowed = Self.table.mayImport(file.module)
            for line in file.lines {
                guard let module = Self.importedModule(line), !Self.toolchain.contains(module) else { continue }
                count += 1
                #expect(allowed.contains(module), "\(file.path) imports \(module), which \(file.module) may not")
            }
        }
        #expect(count > 500)
    }

    @Test("Package.swift gives each module no other module than the table allows") func package() {
        let text = Repository.text("Package.swift")
        let target = #/\.(?:executableT|t)arget\(\s*name: "(\w+)",\s*dependencies: \[([^\]]*)\]/#
        var count = 0
        for match in text.matches(of: target) where Self.table.allowed[String(match.1)] != nil {
            count += 1
            let allowed = Self.table.mayImport(String(match.1))
            let names = match.2.replacing(#/\.product\([^)]*\)/#, with: "").matches(of: #/"(\w+)"/#).map {
                String($0.1)
            }
            for name in names { #expect(allowed.contains(name), "Package.swift: \(match.1) depends on \(name)") }
        }
        #expect(count == Self.table.allowed.count)
    }

    /// Names and calls that read a clock, draw a random number, start a task, touch a file or print, however they are spelt.
    static let impurities: [(what: String, pattern: String)] = [
        ("a task", #"\bTask\b\s*(<[^>]*>)?\s*[({]|\bTask\.\w+|\bwith\w*TaskGroup\b|\basync let\b"#),
        (
            "a clock",
            #"\b(Continuous|Suspending|UTC|Wall)?Clock\(\)|\b(Continuous|Suspending)Clock\b|\bDate\(|\b(Instant|Deadline|Date)\.now\b"#
        ),
        ("a clock", #"\b(clock_gettime|gettimeofday|time|mach_absolute_time)\(\s*(nil|CLOCK|&)"#),
        (
            "a random number",
            #"\.random\b|\brandomElement\b|\.shuffled?\(\)|\bSystemRandomNumberGenerator\b|\barc4random|\bgetrandom\b"#
        ),
        ("a thread or queue", #"\bDispatch\w+\b|\bpthread_\w+|\bThread\b"#),
        (
            "a file or descriptor",
            #"\b(fopen|fread|fwrite|FileManager|FileHandle|FileDescriptor)\b|(?:^|[^.\w])(open|read|write)\(\s*["\w]+,\s*O_"#
        ),
        ("output or the environment", #"(?:^|[^.\w])print\(|\bgetenv\(|\bProcessInfo\b"#),
    ]

    private static func patterns() throws -> [(what: String, pattern: Regex<AnyRegexOutput>)] {
        // Simple boundaries: by Unicode's there is none at the dot of `DispatchQueue.main`.
        try impurities.map { ($0.what, try Regex($0.pattern).wordBoundaryKind(.simple)) }
    }

    @Test("the core starts no task, reads no clock, draws no random number, opens no file") func purity() throws {
        let patterns = try Self.patterns()
        for file in Repository.files("Sources") where Self.table.core.contains(file.module) {
            for (number, line) in file.code.enumerated() where !line.contains("case print(") {
                for (what, pattern) in patterns where line.firstMatch(of: pattern) != nil {
                    Issue.record("\(file.path):\(number + 1) uses \(what), which the core may not: \(line)")
                }
            }
        }
    }

    @Test(
        "what the core may not do is found however it is spelt",
        arguments: [
            "Task { }", "Task(priority: .low) {", "Task.detached {", "Task<Int, Never> {",
            "withDiscardingTaskGroup { group in",
            "async let x = y", "ContinuousClock.now", "let t = clock_gettime(CLOCK_REALTIME, &t)", "Date()",
            "UInt64.random(in: 0...3)", "x.shuffled()", "var g = SystemRandomNumberGenerator()", "DispatchQueue.main",
            "fopen(path, \"r\")", "let f = open(path, O_RDONLY)", "print(x)", "getenv(\"HOME\")",
        ])
    func spellings(code: String) throws {
        #expect(try Self.patterns().contains { code.firstMatch(of: $0.pattern) != nil }, "\(code)")
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
