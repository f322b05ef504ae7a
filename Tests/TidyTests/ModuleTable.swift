/// The table "The modules" of docs/ARCHITECTURE.md: the only place that says who may import whom.
struct ModuleTable {
    /// What each module may import, by its name; what these may import is not included.
    let allowed: [String: Set<String>]
    /// The modules that do no I/O, hold no clock and start no task.
    let core: Set<String>

    /// Reads rows such as `| [TSDB](../Sources/TSDB) | series groups, ... | Model |`, and the core's names from the sentence
    /// that begins with "The core (".
    init(_ document: String) {
        var allowed: [String: Set<String>] = [:]
        let row = #/^\| \[(\w+)\]\(\.\./Sources/(\w+)\) \| .+ \| (.*) \|$/#
        let lines = document.split(separator: "\n")
        for line in lines {
            guard let match = try? row.wholeMatch(in: line), match.1 == match.2 else { continue }
            let names = match.3.split(whereSeparator: { ", ".contains($0) }).map(String.init)
            allowed[String(match.1)] = Set(names.flatMap(Self.expanded))
        }
        self.allowed = allowed
        let sentence = lines.first { $0.hasPrefix("The core (") }?.prefix { $0 != ")" } ?? ""
        core = Set(sentence.matches(of: #/`(\w+)`/#).map { String($0.1) })
    }

    /// The table as it stands.
    static let current = ModuleTable(Repository.text("docs/ARCHITECTURE.md"))

    private static func expanded(_ name: String) -> [String] {
        name == "NIO"
            ? ["NIOCore", "NIOPosix", "NIOHTTP1", "NIOTLS", "NIOSSL", "NIOConcurrencyHelpers"] : [name]
    }

    /// Everything that a module may import: what its row names, and what the rows of those name. The shell may use
    /// logging, service life cycles and the essentials of Foundation as well.
    func mayImport(_ module: String) -> Set<String> {
        var found = allowed[module] ?? []
        if found.contains("all") { found.formUnion(allowed.keys) }
        var next = Array(found)
        while let name = next.popLast() {
            for other in allowed[name] ?? [] where found.insert(other).inserted { next.append(other) }
        }
        if core.contains(module) { return found.filter { !$0.hasPrefix("NIO") } }
        return found.union(["Logging", "ServiceLifecycle", "UnixSignals", "NIOSSL", "FoundationEssentials"])
    }
}
