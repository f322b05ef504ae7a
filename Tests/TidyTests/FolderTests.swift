import Testing

/// Folders inside a module need one another in one direction only.
///
/// A file needs another one when it names a type that the other declares at top level, or calls a function whose name only
/// the other declares. An arrow through a property alone is not seen.
@Suite("Folders") struct FolderTests {
    /// The modules whose folders may still form a circle, each with its reason.
    static let exceptions: [String: String] = [:]

    @Test("no folders of a module form a circle") func circles() {
        let all = Repository.files("Sources").map {
            Repository.File(path: $0.path, text: $0.code.joined(separator: "\n"))
        }
        for (module, files) in Dictionary(grouping: all, by: \.module).sorted(by: { $0.key < $1.key }) {
            let circles = FolderGraph(files, among: all).circles
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
        func file(_ path: String, _ text: String) -> Repository.File { Repository.File(path: path, text: text) }
        let base = file("Sources/M/A/One.swift", "struct One {\n    func only() { }\n}\n")
        let top = file("Sources/M/B/Two.swift", "struct Two {\n    let one: One\n}\n")
        #expect(FolderGraph([base, top]).circles.isEmpty)
        let back = file("Sources/M/A/Three.swift", "struct Three {\n    var x: Two\n}\n")
        #expect(FolderGraph([base, top, back]).circles == [["A", "B"]])
        let words = file("Sources/M/A/Four.swift", "// Two\nlet x = \"Two\"\n")
        #expect(FolderGraph([base, top, words]).circles.isEmpty)
        let calls = file("Sources/M/C/Five.swift", "func five(_ x: Two) { only() }\n")
        #expect(FolderGraph([base, top, calls]).circles.isEmpty)
        #expect(FolderGraph([base, top, calls, file("Sources/M/A/Six.swift", "let y = five(x)\n")]).circles.count == 1)
    }
}

/// Which folders of a module need which.
struct FolderGraph {
    private var arrows: [String: Set<String>] = [:]

    /// The graph of a module's files. A function counts as that of a file when no other of all `files` declares its name.
    init(_ files: [Repository.File], among all: [Repository.File]? = nil) {
        let codes = files.map { (file: $0, folder: Self.folder(of: $0), code: $0.code.joined(separator: "\n")) }
        var homes: [String: Set<String>] = [:]
        var declarers: [String: [String: String]] = [:]
        let type = #/^(?:[a-z]+ )*(?:struct|class|enum|protocol|actor|typealias) ([A-Z]\w*)/#.anchorsMatchLineEndings()
        for (_, folder, code) in codes {
            for match in code.matches(of: type) { homes[String(match.1), default: []].insert(folder) }
        }
        for file in all ?? files {
            let folder = file.module == files.first?.module ? Self.folder(of: file) : nil
            for match in file.text.matches(of: #/\bfunc ([a-z]\w*)/#) {
                declarers[String(match.1), default: [:]][file.path] = folder ?? ""
            }
        }
        for (file, folder, code) in codes {
            var needed: Set<String> = []
            for match in code.matches(of: #/\b[A-Z]\w*\b/#) { needed.formUnion(homes[String(match.0)] ?? []) }
            for match in code.matches(of: #/\b([a-z]\w*)\(/#) {
                guard let found = declarers[String(match.1)], found.count == 1, let only = found.first,
                    only.key != file.path, !only.value.isEmpty
                else { continue }
                needed.insert(only.value)
            }
            arrows[folder, default: []].formUnion(needed.subtracting([folder]))
        }
    }

    private static func folder(of file: Repository.File) -> String {
        let parts = file.path.split(separator: "/").dropFirst(2).dropLast()
        return parts.isEmpty ? "." : parts.joined(separator: "/")
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
