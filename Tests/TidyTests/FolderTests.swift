import Testing

/// Folders inside a module need one another in one direction only.
///
/// A file needs another one when it names a type that the other declares at top level, or calls a function whose name only
/// the other declares. An arrow through a property alone is not seen.
@Suite("Folders") struct FolderTests {
    /// The modules whose folders may still form a circle, each with its reason.
    static let exceptions: [String: String] = [:]

    @Test("no folders of a module form a circle") func circles() {
        let all = Repository.files("Sources").map(FolderGraph.Source.init)
        let declarers = FolderGraph.declarers(all)
        for (module, sources) in Dictionary(grouping: all, by: \.module).sorted(by: { $0.key < $1.key }) {
            let circles = FolderGraph(sources, declarers).circles
            if let reason = Self.exceptions[module] {
                if circles.isEmpty {
                    Issue.record("\(module) has no circle any more; take it from the list (\(reason))")
                }
                continue
            }
            for circle in circles {
                Issue.record("\(module): \(circle.joined(separator: ", ")) need one another")
            }
        }
    }

    @Test("a circle is found by types and by functions, and comments and texts don't count") func finds() {
        func file(_ path: String, _ text: String) -> FolderGraph.Source {
            FolderGraph.Source(Repository.File(path: path, text: text))
        }
        func circles(_ sources: FolderGraph.Source...) -> [[String]] {
            FolderGraph(sources, FolderGraph.declarers(sources)).circles
        }
        let base = file("Sources/M/A/One.swift", "struct One {\n    func only() { }\n}\n")
        let top = file("Sources/M/B/Two.swift", "struct Two {\n    let one: One\n}\n")
        #expect(circles(base, top).isEmpty)
        let back = file("Sources/M/A/Three.swift", "struct Three {\n    var x: Two\n}\n")
        #expect(circles(base, top, back) == [["A", "B"]])
        let words = file("Sources/M/A/Four.swift", "// Two\nlet x = \"Two\"\n")
        #expect(circles(base, top, words).isEmpty)
        let calls = file("Sources/M/C/Five.swift", "func five(_ x: Two) { only() }\n")
        #expect(circles(base, top, calls).isEmpty)
        #expect(circles(base, top, calls, file("Sources/M/A/Six.swift", "let y = five(x)\n")).count == 1)
    }
}

/// Which folders of a module need which.
struct FolderGraph {
    /// The code of a file, without comments and texts.
    struct Source {
        let path: String
        let module: String
        let folder: String
        let code: String

        init(_ file: Repository.File) {
            path = file.path
            module = file.module
            let folders = file.path.split(separator: "/").dropFirst(2).dropLast()
            folder = folders.isEmpty ? "." : folders.joined(separator: "/")
            code = file.code.joined(separator: "\n")
        }
    }

    private var arrows: [String: Set<String>] = [:]

    /// The files that declare a function, by its name.
    static func declarers(_ sources: [Source]) -> [String: [String: Source]] {
        var declarers: [String: [String: Source]] = [:]
        for source in sources {
            for match in source.code.matches(of: #/\bfunc ([a-z]\w*)/#) {
                declarers[String(match.1), default: [:]][source.path] = source
            }
        }
        return declarers
    }

    /// The graph of a module. A function counts as that of a file when no other of all files declares its name.
    init(_ sources: [Source], _ declarers: [String: [String: Source]]) {
        var homes: [String: Set<String>] = [:]
        let type = #/^(?:[a-z]+ )*(?:struct|class|enum|protocol|actor|typealias) ([A-Z]\w*)/#.anchorsMatchLineEndings()
        for source in sources {
            for match in source.code.matches(of: type) { homes[String(match.1), default: []].insert(source.folder) }
        }
        for source in sources {
            var needed: Set<String> = []
            for match in source.code.matches(of: #/\b[A-Z]\w*\b/#) { needed.formUnion(homes[String(match.0)] ?? []) }
            for match in source.code.matches(of: #/\b([a-z]\w*)\(/#) {
                guard let found = declarers[String(match.1)], found.count == 1, let only = found.values.first,
                    only.module == source.module
                else { continue }
                needed.insert(only.folder)
            }
            arrows[source.folder, default: []].formUnion(needed.subtracting([source.folder]))
        }
    }

    /// The groups of folders that reach one another, each sorted.
    var circles: [[String]] {
        let reach = Dictionary(uniqueKeysWithValues: arrows.keys.map { ($0, reachable(from: $0)) })
        var found: Set<[String]> = []
        for (folder, others) in reach where others.contains(folder) {
            found.insert(([folder] + others.filter { $0 != folder && reach[$0]?.contains(folder) == true }).sorted())
        }
        return found.sorted { $0.lexicographicallyPrecedes($1) }
    }

    private func reachable(from folder: String) -> Set<String> {
        var found: Set<String> = []
        var next = Array(arrows[folder] ?? [])
        while let one = next.popLast() {
            if found.insert(one).inserted { next += arrows[one] ?? [] }
        }
        return found
    }
}
