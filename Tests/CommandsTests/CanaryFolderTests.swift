import Console
import Foundation
import Model
import Testing

@testable import Commands

/// What the folder behind `--canaries` holds, as its files come, change, break and go.
@Suite("The folder of Canaries") struct CanaryFolderTests {
    private static func canary(_ name: String, namespace: String = "test", limit: Int = 99) -> String {
        """
        apiVersion: flagger.app/v1beta1
        kind: Canary
        metadata: {name: \(name), namespace: \(namespace)}
        spec:
          targetRef: {apiVersion: apps/v1, kind: Deployment, name: \(name)}
          service: {port: 80}
          analysis:
            interval: 10s
            threshold: 2
            stepWeight: 20
            metrics:
              - {name: request-success-rate, thresholdRange: {min: \(limit)}, interval: 1m}
        """
    }

    private static func folder() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("canaries-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: url.appendingPathComponent("nested"), withIntermediateDirectories: true)
        return url
    }

    private static func write(_ text: String, _ name: String, in folder: URL) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    @Test("files are added, changed and removed; a broken one keeps what it held, and says so") func follows() throws {
        let url = try Self.folder()
        defer { try? FileManager.default.removeItem(at: url) }
        var folder = CanaryFolder(path: url.path)
        let none = folder.read()
        #expect(none == [])
        try Self.write(Self.canary("a"), "a.yaml", in: url)
        try Self.write(Self.canary("b") + "\n---\n" + Self.canary("c"), "nested/b.yml", in: url)
        try Self.write("no: yaml: [", ".hidden.yaml", in: url)
        try Self.write("read me", "README.md", in: url)
        let first = folder.read() ?? []
        #expect(first.map(\.name.text) == ["test/a", "test/b", "test/c"] && folder.problems.isEmpty)
        try Self.write(Self.canary("a", limit: 90), "a.yaml", in: url)
        let second = folder.read() ?? []
        #expect(second.first?.body != first.first?.body && second.dropFirst().elementsEqual(first.dropFirst()))
        try Self.write("kind: Canary\n  broken", "a.yaml", in: url)
        let broken = folder.read()
        #expect(broken == second)
        #expect(folder.problems.count == 1 && folder.problems[0].contains("stays in force"), "\(folder.problems)")
        #expect(folder.problems[0].contains("a.yaml"))
        try FileManager.default.removeItem(at: url.appendingPathComponent("nested/b.yml"))
        let left = folder.read() ?? []
        #expect(left.map(\.name.text) == ["test/a"])
        try FileManager.default.removeItem(at: url.appendingPathComponent("a.yaml"))
        let empty = folder.read()
        #expect(empty == [])
    }

    @Test("of two files with one Canary the first counts") func twice() throws {
        let url = try Self.folder()
        defer { try? FileManager.default.removeItem(at: url) }
        try Self.write(Self.canary("a"), "1.yaml", in: url)
        try Self.write(Self.canary("a", limit: 90), "2.yaml", in: url)
        var folder = CanaryFolder(path: url.path)
        let found = folder.read() ?? []
        #expect(found.count == 1 && found[0].file.hasSuffix("1.yaml"))
        #expect(folder.problems.contains { $0.contains("stands in") }, "\(folder.problems)")
    }

    @Test("a folder that is gone changes nothing; one that never was is refused") func gone() throws {
        let url = try Self.folder()
        try Self.write(Self.canary("a"), "1.yaml", in: url)
        var folder = CanaryFolder(path: url.path)
        let there = folder.read()
        #expect(there?.count == 1)
        try FileManager.default.removeItem(at: url)
        let gone = folder.read()
        #expect(gone == nil && folder.problems.count == 1)
        #expect(throws: CommandError.self) { try CanaryFolder.check(url.path) }
    }
}
