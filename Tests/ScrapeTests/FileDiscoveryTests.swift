import Documents
import Foundation
import Model
import Scrape
import Synchronization
import Testing

@Suite("Targets from files")
struct FileDiscoveryTests {
    struct Broken: Error {}

    /// A stand-in for a YAML parser: one address per line, `!` for a broken file.
    private static func parse(_ bytes: [UInt8], _ path: String) throws -> Node {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        if lines.contains("!") { throw Broken() }
        return targets(lines)
    }

    /// The document of a target file with these addresses.
    static func targets(_ addresses: [String]) -> Node {
        let start = SourceLocation(line: 1, column: 1)
        let items = addresses.map { Node(.scalar(Node.Scalar(text: $0, isPlain: true)), at: start) }
        let targets = Node.Entry(key: "targets", keyLocation: start, value: Node(.sequence(items), at: start))
        return Node(.sequence([Node(.mapping([targets]), at: start)]), at: start)
    }

    @Test("are followed as files come, change, break and go")
    func following() throws {
        let folder = URL.temporaryDirectory.appending(path: "targets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let bench = ScrapeBench()
        let discovery = FileDiscovery(sink: bench.manager, clock: bench.clock, parse: Self.parse)
        var configuration = ScrapeConfiguration()
        configuration.jobs = [
            ScrapeBench.job([]) { $0.targetFiles = [folder.path + "/a*.json", folder.path + "/b.yml"] }
        ]
        bench.manager.apply(configuration)
        discovery.apply(configuration)
        let addresses = { bench.manager.targets().map { $0.labels["instance"] } }
        #expect(addresses().isEmpty)
        let write = { (name: String, text: String) in
            try Data(text.utf8).write(to: folder.appending(path: name))
            discovery.refresh()
        }
        try write("a1.json", "h:1")
        try write("b.yml", "h:2\nh:3")
        try write("c.yml", "h:4")
        #expect(addresses() == ["h:1", "h:2", "h:3"])
        #expect(bench.manager.targets().first?.discoveredLabels["__meta_filepath"] == folder.path + "/a1.json")
        try write("a1.json", "h:1\nh:5")
        #expect(addresses() == ["h:1", "h:2", "h:3", "h:5"])
        try write("a1.json", "!")
        #expect(addresses() == ["h:1", "h:2", "h:3", "h:5"])
        #expect(discovery.problems().count == 1)
        try FileManager.default.removeItem(at: folder.appending(path: "b.yml"))
        discovery.refresh()
        #expect(addresses() == ["h:1", "h:5"])
    }
}
