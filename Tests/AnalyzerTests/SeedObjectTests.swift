import Analyzer
import Documents
import FlaggerAPI
import Foundation
import TestSupport
import Testing

/// `examples/` holds every object of the users' documents, as it stands there.
@Suite(
    "Examples against the users' documents",
    .enabled(if: SharedFolder.url("seeds") != nil, "needs the folder shared beside the repository"))
struct SeedObjectTests {
    /// The texts between fences and in here-documents that are YAML objects or parts of one.
    private static func blocks(_ document: String) -> [String] {
        var blocks: [String] = []
        var open: (end: String, lines: [Substring])?
        for line in document.split(separator: "\n", omittingEmptySubsequences: false) {
            if let block = open {
                if line == block.end {
                    blocks.append(block.lines.map { $0 + "\n" }.joined())
                    open = nil
                } else {
                    open?.lines.append(line)
                }
            } else if line == "```yaml" {
                open = ("```", [])
            } else if line.hasSuffix("<<EOF") {
                open = ("EOF", [])
            }
        }
        return blocks
    }

    private static func seeds() throws -> [(name: String, text: String)] {
        guard let folder = SharedFolder.url("seeds") else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
            (name, try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8))
        }
    }

    /// A text that is the same for equal values, whatever the order of their keys.
    private static func canonical(_ node: Node) throws -> String {
        switch node.kind {
        case .scalar(let scalar): "\(scalar.value)"
        case .sequence(let elements): "[\(try elements.map(canonical).joined(separator: ", "))]"
        case .mapping(let entries):
            "{\(try entries.map { "\($0.key): \(try canonical($0.value))" }.sorted().joined(separator: ", "))}"
        }
    }

    private static func examples() throws -> [Node] {
        let root = try #require(SharedFiles.root).appendingPathComponent("examples")
        let files = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
        return try files.filter { $0.hasSuffix(".yaml") }.flatMap { file in
            try YAMLReader.documents(try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8))
        }
    }

    @Test("every object of the documents is in examples/, equal in every value")
    func objects() throws {
        let examples = Set(try Self.examples().map(Self.canonical))
        var kinds: [String: Int] = [:]
        for seed in try Self.seeds() {
            for block in Self.blocks(seed.text) {
                for object in try YAMLReader.documents(block) {
                    guard let kind = try object["kind"]?.string() else { continue }
                    kinds[kind, default: 0] += 1
                    let name = try object["metadata"]?["name"]?.string() ?? ""
                    #expect(
                        examples.contains(try Self.canonical(object)), "\(seed.name): \(kind) \(name) is not there")
                }
            }
        }
        // What a reader of the documents counts: nothing was overlooked.
        #expect(
            kinds == [
                "Canary": 8, "MetricTemplate": 5, "AlertProvider": 1, "Deployment": 1, "Service": 3, "Ingress": 1,
                "ConfigMap": 1, "ClusterRole": 1, "ClusterRoleBinding": 1, "HTTPRoute": 1, "Rollout": 1,
            ])
    }

    @Test("the metric that a document adds to a Canary is in the example for it")
    func fragment() throws {
        let fragments = try Self.seeds().flatMap { Self.blocks($0.text) }.flatMap { try YAMLReader.documents($0) }
            .filter { $0["kind"] == nil && $0["analysis"] != nil }
        #expect(fragments.count == 1)
        let wanted = try fragments.flatMap { try $0["analysis"]?["metrics"]?.elements().map(Self.canonical) ?? [] }
        let canary = try YAMLReader.documents(try SharedFiles.example("001-with-404s-canary.yaml"))[0]
        let metrics = try canary["spec"]?["analysis"]?["metrics"]?.elements().map(Self.canonical) ?? []
        for metric in wanted { #expect(metrics.contains(metric)) }
    }

    private static let oddPorts = ["podinfo-stable", "podinfo-canary"].enumerated().map { index, name in
        "spec.rules[0].backendRefs[\(index)].port: Service \(name) has no port 9898, only 8989: no request goes this way"
    }

    @Test("the objects of the cluster are read, and known to be no part of an analysis")
    func clusterObjects() throws {
        let folder = try #require(SharedFiles.root).appendingPathComponent("examples/cluster")
        var count = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            var file = ObjectFile()
            file.add(
                text: try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8), file: name)
            let findings = Lint.findings(file)
            // A guide's route names ports that its Services don't have.
            let odd = findings.filter { $0.severity != .note }
            #expect(
                odd.map(\.message) == (name == "argo-rollouts.yaml" ? Self.oddPorts : []), "\(name): \(odd)")
            count += findings.count - odd.count
        }
        #expect(count == 10)
    }
}
