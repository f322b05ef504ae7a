import FlaggerAPI
import Testing

@testable import Commands

/// What differs between two environments.
@Suite("Canaries of two environments") struct CanaryComparisonTests {
    private static func file(_ namespace: String, _ analysis: String, name: String = "podinfo") -> ObjectFile {
        var file = ObjectFile()
        file.add(
            text: """
                apiVersion: flagger.app/v1beta1
                kind: Canary
                metadata: {name: \(name), namespace: \(namespace)}
                spec:
                  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
                  service: {port: 80}
                  analysis: \(analysis)
                """, file: "\(namespace).yaml")
        return file
    }

    @Test("values are compared by path, list elements by name; namespaces are not")
    func values() {
        let left = Self.file(
            "staging",
            "{interval: 30s, threshold: 5, stepWeight: 10, metrics: [{name: a, interval: 1m}, {name: b, interval: 1m}]}"
        )
        let right = Self.file(
            "production",
            "{interval: 1m, threshold: 5, maxWeight: 50, stepWeight: 10, metrics: [{name: b, interval: 30s}]}")
        let found = CanaryComparison.differences(left, right).map { "\($0.path) \($0.left ?? "-") \($0.right ?? "-")" }
        #expect(
            found == [
                "spec.analysis.interval 30s 1m", "spec.analysis.metrics[a].name a -",
                "spec.analysis.metrics[a].interval 1m -", "spec.analysis.metrics[b].interval 1m 30s",
                "spec.analysis.maxWeight - 50",
            ])
        #expect(CanaryComparison.differences(left, left).isEmpty)
    }

    @Test("a Canary that one side does not have is said")
    func missing() {
        let found = CanaryComparison.differences(
            Self.file("a", "{stepWeight: 1}"), Self.file("b", "{stepWeight: 1}", name: "other"))
        #expect(
            found == [
                .init(canary: "other", path: "", left: nil, right: "there"),
                .init(canary: "podinfo", path: "", left: "there", right: nil),
            ])
    }
}
