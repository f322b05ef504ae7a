import Model
import Scrape
import Testing

@Suite("Relabelling")
struct RelabellerTests {
    static let input: Labels = ["__name__": "m", "a": "foo", "b": "bar", "c": "baz", "__meta_x_app": "web"]

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rules: [RelabelRule]
        /// Changes against the input, `nil` when it is dropped; an empty value is a removed label.
        var changes: [String: String]?
    }

    static func cases() throws -> [Case] {
        let actions = try replacing() + choosing() + naming()
        return actions
    }

    private static func replacing() throws -> [Case] {
        [
            Case(
                testDescription: "replace with groups",
                rules: [
                    try RelabelRule(
                        sourceLabels: ["a", "b"], pattern: "f(.*);(.*)r", targetLabel: "d", replacement: "ch${1}-$2")
                ],
                changes: ["d": "choo-ba"]),
            Case(
                testDescription: "replace leaves everything when the pattern fails",
                rules: [try RelabelRule(sourceLabels: ["a"], pattern: "xyz", targetLabel: "a", replacement: "no")],
                changes: [:]),
            Case(
                testDescription: "replace with nothing removes",
                rules: [try RelabelRule(sourceLabels: ["a"], pattern: "f.*", targetLabel: "a", replacement: "")],
                changes: ["a": ""]),
            Case(
                testDescription: "replace into a label named by a group",
                rules: [
                    try RelabelRule(sourceLabels: ["a"], pattern: "(f)(.*)", targetLabel: "x_$1", replacement: "$2")
                ],
                changes: ["x_f": "oo"]),
            Case(
                testDescription: "replace without source sets a constant",
                rules: [try RelabelRule(targetLabel: "k", replacement: "v")], changes: ["k": "v"]),
            Case(
                testDescription: "separator",
                rules: [try RelabelRule(sourceLabels: ["a", "b", "nope"], separator: "/", targetLabel: "j")],
                changes: ["j": "foo/bar/"]),
            Case(
                testDescription: "hashmod as MD5 does",
                rules: [try RelabelRule(.hashmod, sourceLabels: ["c"], modulus: 1000, targetLabel: "d")],
                changes: ["d": "976"]),
            Case(
                testDescription: "upper and lower case",
                rules: [
                    try RelabelRule(.uppercase, sourceLabels: ["a"], targetLabel: "u"),
                    try RelabelRule(.lowercase, sourceLabels: ["u"], targetLabel: "l"),
                ], changes: ["u": "FOO", "l": "foo"]),
        ]
    }

    private static func choosing() throws -> [Case] {
        [
            Case(
                testDescription: "keep", rules: [try RelabelRule(.keep, sourceLabels: ["a"], pattern: "foo|x")],
                changes: [:]),
            Case(
                testDescription: "keep fails", rules: [try RelabelRule(.keep, sourceLabels: ["a"], pattern: "fo")],
                changes: nil),
            Case(
                testDescription: "drop", rules: [try RelabelRule(.drop, sourceLabels: ["a"], pattern: "f.o")],
                changes: nil),
            Case(
                testDescription: "drop fails", rules: [try RelabelRule(.drop, sourceLabels: ["a"], pattern: "o")],
                changes: [:]),
            Case(
                testDescription: "keepequal",
                rules: [
                    try RelabelRule(sourceLabels: ["a"], targetLabel: "d"),
                    try RelabelRule(.keepequal, sourceLabels: ["a"], targetLabel: "d"),
                ], changes: ["d": "foo"]),
            Case(
                testDescription: "keepequal fails",
                rules: [try RelabelRule(.keepequal, sourceLabels: ["a"], targetLabel: "b")], changes: nil),
            Case(
                testDescription: "dropequal",
                rules: [try RelabelRule(.dropequal, sourceLabels: ["a"], targetLabel: "a")], changes: nil),
            Case(
                testDescription: "dropequal fails",
                rules: [try RelabelRule(.dropequal, sourceLabels: ["a"], targetLabel: "b")], changes: [:]),
        ]
    }

    private static func naming() throws -> [Case] {
        [
            Case(
                testDescription: "labelmap",
                rules: [try RelabelRule(.labelmap, pattern: "__meta_x_(.+)", replacement: "x_$1")],
                changes: ["x_app": "web"]),
            Case(
                testDescription: "labeldrop", rules: [try RelabelRule(.labeldrop, pattern: "[ab]")],
                changes: ["a": "", "b": ""]),
            Case(
                testDescription: "labelkeep", rules: [try RelabelRule(.labelkeep, pattern: "__name__|c")],
                changes: ["a": "", "b": "", "__meta_x_app": ""]),
        ]
    }

    @Test("every action as Prometheus does it", arguments: try cases())
    func action(_ one: Case) {
        var wanted: Labels? = Self.input
        if let changes = one.changes {
            for (name, value) in changes { wanted?[name] = value }
        } else {
            wanted = nil
        }
        #expect(Relabeller.apply(one.rules, to: Self.input) == wanted)
    }

    @Test("refuses rules that can't work")
    func flaws() throws {
        #expect(try RelabelRule(.hashmod, targetLabel: "x").flaw?.contains("modulus") == true)
        #expect(try RelabelRule(.replace).flaw?.contains("target_label") == true)
        #expect(try RelabelRule(.labeldrop, sourceLabels: ["a"], pattern: "x").flaw?.contains("only 'regex'") == true)
        #expect(try RelabelRule(.keepequal, pattern: "x", targetLabel: "x").flaw != nil)
        #expect(try RelabelRule(.lowercase, targetLabel: "x", replacement: "y").flaw != nil)
        #expect(try RelabelRule(.keep, sourceLabels: ["a"]).flaw == nil)
        #expect(throws: RegularExpressionError.self) { try RelabelRule(pattern: "(") }
    }

    @Test("follows linkerd-viz's rules from a pod to its labels")
    func linkerd() throws {
        let prefix = "__meta_kubernetes_pod_label_"
        let rules = [
            try RelabelRule(
                .keep, sourceLabels: ["__meta_kubernetes_pod_container_port_name"], pattern: "linkerd-admin"),
            try RelabelRule(sourceLabels: ["__meta_kubernetes_namespace"], targetLabel: "namespace"),
            try RelabelRule(sourceLabels: ["__meta_kubernetes_pod_name"], targetLabel: "pod"),
            try RelabelRule(sourceLabels: [prefix + "linkerd_io_proxy_job"], targetLabel: "k8s_job"),
            try RelabelRule(.labeldrop, pattern: prefix + "linkerd_io_proxy_job"),
            try RelabelRule(.labelmap, pattern: prefix + "linkerd_io_proxy_(.+)"),
            try RelabelRule(.labeldrop, pattern: prefix + "linkerd_io_proxy_(.+)"),
            try RelabelRule(.labelmap, pattern: prefix + "linkerd_io_(.+)"),
            try RelabelRule(.labelmap, pattern: prefix + "(.+)", replacement: "__tmp_pod_label_$1"),
            try RelabelRule(.labelmap, pattern: "__tmp_pod_label_linkerd_io_(.+)", replacement: "__tmp_pod_label_$1"),
            try RelabelRule(.labeldrop, pattern: "__tmp_pod_label_linkerd_io_(.+)"),
            try RelabelRule(.labelmap, pattern: "__tmp_pod_label_(.+)"),
        ]
        var job = ScrapeJob(name: "linkerd-proxy")
        job.relabelRules = rules
        let found: Labels = [
            "__address__": "10.42.0.31:4191", "__meta_kubernetes_namespace": "test",
            "__meta_kubernetes_pod_name": "podinfo-1",
            "__meta_kubernetes_pod_container_port_name": "linkerd-admin", prefix + "app": "podinfo",
            prefix + "linkerd_io_proxy_deployment": "podinfo", prefix + "linkerd_io_workload_ns": "test",
        ]
        guard case .target(let target) = TargetBuilder.build(found, for: job) else {
            Issue.record("no target")
            return
        }
        #expect(
            target.labels == [
                "namespace": "test", "pod": "podinfo-1", "deployment": "podinfo", "workload_ns": "test",
                "app": "podinfo",
                "job": "linkerd-proxy", "instance": "10.42.0.31:4191",
            ])
        #expect(target.url.description == "http://10.42.0.31:4191/metrics")
    }
}
