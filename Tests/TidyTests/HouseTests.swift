import Foundation
import Testing

/// House rules that a reader would otherwise have to remember.
@Suite("House rules") struct HouseTests {
    /// Longest a file may be, in lines.
    static let linesMax = 500

    /// Files that may be longer, each with its reason.
    static let longFiles: [String: String] = [:]

    @Test("one file, one idea: no file is longer than 500 lines") func fileLength() {
        for file in Repository.files("Sources") + Repository.files("Tests") + Repository.files("benchmarks") {
            let count = file.lines.count
            if count > Self.linesMax && Self.longFiles[file.path] == nil {
                Issue.record("\(file.path) has \(count) lines, more than \(Self.linesMax): split it by topic")
            }
            if count <= Self.linesMax, let reason = Self.longFiles[file.path] {
                Issue.record("\(file.path) is short enough now; take it from the list (\(reason))")
            }
        }
    }

    @Test("a file is named after a type that it declares or extends") func fileNames() {
        let declaration = #/\b(?:struct|enum|class|protocol|typealias|actor|extension)\s+(?:\w+\.)*(\w+)/#
        for file in Repository.files("Sources") {
            let type = file.name.dropLast(".swift".count).split(separator: "+").first ?? ""
            let names = file.code.flatMap { line in line.matches(of: declaration).map(\.1) }
            // `Accumulators.swift` has several types whose names end in `Accumulator`.
            let isPlural = type.hasSuffix("s") && names.count { $0.hasSuffix(type.dropLast()) } > 1
            #expect(
                names.contains(type) || isPlural,
                "\(file.path) declares and extends no \(type): Type.swift or Type+Topic.swift")
        }
    }

    @Test("intentions are not parked in the code") func parkedIntentions() {
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
        for file in Repository.files("Sources") + Repository.files("Tests") + Repository.files("benchmarks") {
            for (number, line) in file.lines.enumerated() {
                let marks = line.split(whereSeparator: { !$0.isLetter }).filter { words.contains(String($0)) }
                #expect(marks.isEmpty, "\(file.path):\(number + 1) parks an intention")
            }
        }
    }

    @Test("HTML, CSS and JavaScript are files of their own, not literals in Swift") func markup() {
        let tag = #/<\/?(?:!doctype|html|head|body|div|span|table|script|style|button|svg)[ >]/#.ignoresCase()
        for file in Repository.files("Sources") {
            for (number, line) in file.lines.enumerated() where !line.contains("//") {
                #expect(line.firstMatch(of: tag) == nil, "\(file.path):\(number + 1) has markup in a literal")
            }
        }
    }

    @Test("traps and unchecked claims carry a reason beside them") func traps() {
        let risky = ["try!", "fatalError(", " as! ", "@unchecked Sendable", "nonisolated(unsafe)"]
        for file in Repository.files("Sources") {
            for (number, line) in file.lines.enumerated() {
                for word in risky
                where line.contains(word) && !line.trimmingCharacters(in: .whitespaces).hasPrefix("//") {
                    let above = file.lines[max(0, number - 4)..<number].contains { $0.contains("//") }
                    #expect(
                        above || line.contains("//"), "\(file.path):\(number + 1) \(word) without a reason beside it")
                }
            }
        }
    }

    @Test("every package declaration is documented") func documentation() {
        let kinds = [
            "func", "var", "let", "struct", "enum", "class", "protocol", "init", "typealias", "subscript", "actor",
        ]
        let requirements = Self.protocolRequirements()
        for file in Repository.files("Sources") {
            let lines = file.lines.map { $0.trimmingCharacters(in: .whitespaces) }
            for (number, line) in lines.enumerated() where line.hasPrefix("package ") {
                let words = line.split(separator: " ").map { $0.prefix { $0.isLetter } }
                guard words.contains(where: { kinds.contains(String($0)) }), !words.contains("import") else { continue }
                var above = number - 1
                while above >= 0, lines[above].hasPrefix("@") || lines[above].hasPrefix("#") { above -= 1 }
                let documented = above >= 0 && lines[above].hasPrefix("///")
                let inherited = Self.fulfilsRequirement(lines, number) || requirements.contains { line.contains($0) }
                #expect(documented || inherited, "\(file.path):\(number + 1) lacks a doc comment: \(line.prefix(60))")
            }
        }
    }

    /// `func name(` of every requirement of our protocols: witnesses are documented there.
    private static func protocolRequirements() -> Set<String> {
        var out: Set<String> = []
        for file in Repository.files("Sources") {
            var inside = false
            for line in file.lines {
                if line.contains("protocol ") && line.hasSuffix("{") { inside = true }
                if line == "}" { inside = false }
                guard inside, let start = line.firstRange(of: "func "), let end = line.firstIndex(of: "(") else {
                    continue
                }
                out.insert(String(line[start.lowerBound...end]))
            }
        }
        return out
    }

    /// Members that fulfil a protocol are documented where the protocol is.
    private static func fulfilsRequirement(_ lines: [String], _ number: Int) -> Bool {
        guard
            let type = lines[..<number].last(where: { line in
                ["extension ", "package struct ", "package final class ", "struct ", "final class ", "package enum "]
                    .contains { line.hasPrefix($0) }
            })
        else { return false }
        return type.contains(": ") && lines[number].contains("func ") || lines[number].contains("static func == ")
            || lines[number].contains("func hash(into") || lines[number].contains("var description: String")
            || lines[number].contains("override ") || lines[number].contains("init(from ")
    }

    @Test("no path of a developer's machine and no registry host is in the tree") func machinePaths() {
        let pattern = #/(^|[^A-Za-z0-9_.])\/(work|farm|opt\/swift-packages|home\/[a-z]+)\//#
        let endings = ["swift", "md", "sh", "yaml", "yml", "json"]
        for folder in ["Sources", "Tests", "docs", "scripts", "examples", "benchmarks"] {
            for file in Repository.files(folder, endings: endings) where !file.path.hasSuffix("HouseTests.swift") {
                #expect(file.text.firstMatch(of: pattern) == nil, "\(file.path) names a path of some machine")
            }
        }
    }

    @Test("every document begins with a title, and its links lead somewhere") func documents() {
        let link = #/\]\(([^)#:]+)(#[^)]*)?\)/#
        let documents = Repository.files("docs", endings: ["md"]) + Repository.files("examples", endings: ["md"])
        let top = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map {
            Repository.File(path: $0, text: Repository.text($0))
        }
        for file in documents + top {
            #expect(file.text.hasPrefix("# "), "\(file.path) has no title")
            let folder = Repository.root.appendingPathComponent(file.path).deletingLastPathComponent()
            for match in file.text.matches(of: link) {
                let target = folder.appendingPathComponent(String(match.1)).standardizedFileURL.path
                #expect(
                    FileManager.default.fileExists(atPath: target),
                    "\(file.path) links to \(match.1), which is not there")
            }
        }
    }

    @Test("docs/where.md has a line and a place for at least thirty ideas") func whereThingsAre() {
        let rows = Repository.text("docs/where.md").split(separator: "\n").filter {
            $0.hasPrefix("| ") && !$0.hasPrefix("| idea")
        }
        #expect(rows.count >= 30)
        for row in rows { #expect(row.contains("](") || row.contains("not there yet"), "\(row)") }
    }
}
