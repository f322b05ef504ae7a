import Analyzer
import Console
import Documents
import FlaggerAPI
import FoundationEssentials
import Model

/// The files behind `--canaries`: what was read of them last, and what they hold together.
struct CanaryFolder {
    /// Most files that are read.
    static let filesMax = 10_000
    /// Largest file that is read, in bytes.
    static let fileBytesMax = 4 << 20
    private static let endings = ["yaml", "yml", "json"]

    /// A Canary with the templates that it refers to, as a registration.
    struct Registration: Equatable {
        var name: AnalysisName
        /// The file of the Canary.
        var file: String
        /// `{"canary": {...}, "templates": [...]}`
        var body: [UInt8]
    }

    let path: String
    /// The last text of each file that could be used.
    private var texts: [String: String] = [:]
    /// What is wrong now, by file.
    private(set) var problems: [String] = []

    init(path: String) { self.path = path }

    /// Fails with a sentence when there is no such folder.
    static func check(_ path: String) throws {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory else {
            throw CommandError.badInput("--canaries \(path): there is no such folder")
        }
    }

    /// Reads the folder anew. `nil` when it can't be listed, which is taken for a passing fault: nothing changes.
    mutating func read() -> [Registration]? {
        problems = []
        guard let files = list() else { return nil }
        var current: [String: String] = [:]
        for file in files {
            let name = path + "/" + file
            do {
                current[file] = try usable(name, file)
            } catch {
                let kept = texts[file] != nil
                problems.append("\(error)" + (kept ? "; what it held before stays in force" : "; it is left out"))
                current[file] = texts[file]
            }
        }
        texts = current
        return registrations(files)
    }

    /// The text of a file in which every object can be read.
    private func usable(_ name: String, _ file: String) throws -> String {
        let bytes = try InputFile.bytes(name)
        guard bytes.count <= Self.fileBytesMax else {
            throw CommandError.badInput("\(name): it has \(bytes.count) bytes; at most \(Self.fileBytesMax) are read")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandError.badInput("\(name): it is not UTF-8 text")
        }
        if text == texts[file] { return text }
        var objects = ObjectFile()
        objects.add(text: text, file: name)
        let errors = objects.findings.filter { $0.severity == .error }
        if let first = errors.first {
            let more = errors.count > 1 ? " (and \(errors.count - 1) more)" : ""
            throw CommandError.badInput("\(first)\(more)")
        }
        return text
    }

    /// All that the files hold together. Of two Canaries of one name the one of the first file counts.
    private mutating func registrations(_ files: [String]) -> [Registration] {
        var objects = ObjectFile()
        for file in files { if let text = texts[file] { objects.add(text: text, file: path + "/" + file) } }
        var found: [AnalysisName: Registration] = [:]
        for canary in objects.canaries {
            let reference = canary.value.reference
            let name = AnalysisName(namespace: reference.namespace, name: reference.name)
            let file = canary.source.file ?? path
            if let first = found[name] {
                problems.append("\(file): Canary \(name.text) stands in \(first.file) already, and that one counts")
                continue
            }
            let wanted = Set(canary.value.analysis?.metrics.compactMap(\.template) ?? [])
            var json = JSONWriter()
            json.beginObject()
            json.key("canary")
            json.node(canary.node)
            json.key("templates")
            json.beginArray()
            for template in objects.templates where wanted.contains(template.value.reference) {
                json.node(template.node)
            }
            json.endArray()
            json.endObject()
            found[name] = Registration(name: name, file: file, body: json.bytes)
        }
        return found.values.sorted { $0.name < $1.name }
    }

    /// The files of the folder and of those in it, in order; hidden ones, among them those by which Kubernetes exchanges
    /// a mounted ConfigMap, are left out.
    private mutating func list() -> [String]? {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            problems.append("\(path) can't be listed; what it held before stays in force")
            return nil
        }
        var files: [String] = []
        var folders = names
        while let name = folders.popLast() {
            guard name.split(separator: "/").last?.first != "." else { continue }
            var isDirectory = false
            guard FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isDirectory) else { continue }
            if isDirectory {
                guard name.split(separator: "/").count < 8 else { continue }
                let inside = (try? FileManager.default.contentsOfDirectory(atPath: path + "/" + name)) ?? []
                folders += inside.map { name + "/" + $0 }
            } else if Self.endings.contains(where: { name.lowercased().hasSuffix(".\($0)") }) {
                files.append(name)
            }
        }
        if files.count > Self.filesMax {
            problems.append("\(path) has \(files.count) files; the first \(Self.filesMax) are read")
        }
        return Array(files.sorted().prefix(Self.filesMax))
    }
}
