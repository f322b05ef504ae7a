import Analyzer
import FlaggerAPI
import Model
import PromQL
import TestSupport
import Testing

/// Flagger's rules for values, thresholds, defaults and texts, with zero start off. Each case names the section of the
/// behaviour specification (`reference/flagger.md` of the shared folder) that it comes from.
@Suite("Flagger's rules, case by case")
struct FlaggerExactnessTests {
    /// What the metrics server answers.
    enum Answer: Sendable {
        /// The values of a vector's elements, in order.
        case vector([Double])
        case refused(String)

        static func value(_ number: Double) -> Answer { .vector([number]) }
        static let empty = Answer.vector([])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var section: String
        var metric: String
        var answer: Answer
        /// The Warning, `nil` where the advancement goes on.
        var halt: String?
        var provider: String
        var testDescription: String { "\(section): \(metric) \(answer)" }

        init(_ section: String, _ metric: String, _ answer: Answer, _ halt: String?, provider: String = "linkerd") {
            self.section = section
            self.metric = metric
            self.answer = answer
            self.halt = halt
            self.provider = provider
        }
    }

    /// Gives every query the same answer, so that the runner, the judgement and the text are under test.
    private struct Server: InstantEvaluator {
        var answer: Answer

        func evaluate(
            _ query: PreparedQuery, at time: Timestamp, on store: any Queryable, zeroStart: Bool
        ) -> Result<QueryResult, CheckError> {
            switch answer {
            case .refused(let message): return .failure(.query(message))
            case .vector(let values):
                let elements = values.enumerated().map { index, value in
                    VectorElement(labels: ["n": "\(index)"], time: time, value: .float(value))
                }
                return .success(QueryResult(value: .vector(elements)))
            }
        }
    }

    private func halt(_ test: Case) throws -> String? {
        let checks = try PlanTests.plan(test.metric, options: PlanOptions(zeroStart: false))
        let runner = EmbeddedQueryRunner(Server(answer: test.answer), on: ArrayStore())
        let measurements = checks.map { $0.problem == nil ? runner.measurement($0, at: 0) : nil }
        let verdict = Verdict.judge(checks, measurements, facts: AnalysisFacts(), at: 0)
        return HaltText.text(for: verdict, of: HaltTextTests.canary, provider: test.provider)
    }

    private static func success(_ more: String) -> String { "{name: request-success-rate, \(more)}" }
    private static func duration(_ more: String) -> String { "{name: request-duration, \(more)}" }
    private static func inline(_ more: String) -> String { "{name: errors, query: sum(up), \(more)}" }
    private static func template(_ more: String) -> String {
        "{name: rate, templateRef: {name: rate}, templateVariables: {direction: inbound}, interval: 1m, \(more)}"
    }
    private static let start = "Halt podinfo.test advancement "

    @Test(
        "thresholdRange: both ends belong to it, either may be missing",
        arguments: [
            Case("4.4", success("thresholdRange: {min: 99}"), .value(99), nil),
            Case("4.4", success("thresholdRange: {min: 99}"), .value(100), nil),
            Case("4.4", success("thresholdRange: {min: 99}"), .value(98.995), start + "success rate 99.00% < 99%"),
            Case("4.4", success("thresholdRange: {min: 99}"), .value(0), start + "success rate 0.00% < 99%"),
            Case("4.4", success("thresholdRange: {max: 50}"), .value(50), nil),
            Case("4.4", success("thresholdRange: {max: 50}"), .value(69.17), start + "success rate 69.17% > 50%"),
            Case("4.4", success("thresholdRange: {min: 10, max: 20}"), .value(15), nil),
            Case("4.4", success("thresholdRange: {}"), .value(0), nil),
            Case("4.4", duration("thresholdRange: {max: 500}"), .value(500), nil),
            Case("4.4", duration("thresholdRange: {min: 10, max: 500}"), .value(10), nil),
            Case("4.4", duration("thresholdRange: {min: 10}"), .value(9), start + "request duration 9ms < 10ms"),
            Case("4.4", duration("thresholdRange: {}"), .value(1e9), nil),
            Case("4.4", inline("thresholdRange: {min: 1, max: 3}"), .value(1), nil),
            Case("4.4", inline("thresholdRange: {min: 1, max: 3}"), .value(3), nil),
            Case("4.4", inline("thresholdRange: {min: 1, max: 3}"), .value(0.99), start + "errors 0.99 < 1"),
            Case("4.4", template("thresholdRange: {min: 99}"), .value(99), nil),
            Case("4.4", template("thresholdRange: {max: 3}"), .value(3.5), start + "rate 3.50 > 3"),
            Case("4.4", template("thresholdRange: {}"), .value(-1e12), nil),
            Case("4.4", template("thresholdRange: {max: -1}"), .value(-1), nil),
            Case("4.4", template("thresholdRange: {max: -1}"), .value(-0.5), start + "rate -0.50 > -1"),
        ])
    func ranges(_ test: Case) throws { #expect(try halt(test) == test.halt) }

    @Test(
        "threshold: a minimum for success rates, a maximum for all else, nothing beside a range",
        arguments: [
            Case("4.4", success("threshold: 99"), .value(99), nil),
            Case("4.4", success("threshold: 99"), .value(98.9), start + "success rate 98.90% < 99%"),
            Case("4.4", success("threshold: 99"), .value(250), nil),
            Case("4.4", duration("threshold: 500"), .value(500), nil),
            Case("4.4", duration("threshold: 500"), .value(501), start + "request duration 501ms > 500ms"),
            Case("4.4", duration("threshold: 500"), .value(0), nil),
            Case("4.4", inline("threshold: 3"), .value(3), nil),
            Case("4.4", inline("threshold: 3"), .value(6.2), start + "errors 6.20 > 3"),
            Case("4.4", inline("threshold: 3"), .value(-7), nil),
            Case("4.4", template("threshold: 300"), .value(300.01), start + "rate 300.01 > 300"),
            Case("4.4", template("threshold: 300"), .value(12), nil),
            Case("4.4", success("threshold: 99, thresholdRange: {min: 90}"), .value(95), nil),
            Case("4.4", duration("threshold: 1, thresholdRange: {max: 500}"), .value(400), nil),
            Case("4.4", template("threshold: 1, thresholdRange: {}"), .value(5), nil),
            Case("4.4", "{name: request-success-rate}", .value(0), nil),
            Case("4.4", "{name: request-duration}", .value(0), nil),
            Case("4.4", "{name: request-duration}", .value(1), start + "request duration 1ms > 0s"),
            Case("4.4", "{name: errors, query: sum(up)}", .value(0), nil),
            Case("4.4", "{name: errors, query: sum(up)}", .value(0.004), start + "errors 0.00 > 0"),
            Case("4.4", success("threshold: 0"), .value(0), nil),
        ])
    func thresholds(_ test: Case) throws { #expect(try halt(test) == test.halt) }

    @Test(
        "durations and their limits are cut to whole milliseconds before they are compared",
        arguments: [
            Case("4.4", duration("thresholdRange: {max: 500}"), .value(500.999), nil),
            Case("4.4", duration("thresholdRange: {max: 0.5}"), .value(0.99), nil),
            Case("4.4", duration("thresholdRange: {max: 0.5}"), .value(1), start + "request duration 1ms > 0s"),
            Case(
                "4.4", duration("thresholdRange: {max: 500.9}"), .value(501), start + "request duration 501ms > 500ms"),
            Case("4.4", duration("thresholdRange: {min: 10.9}"), .value(10.1), nil),
            Case("4.4", duration("threshold: 99.9"), .value(99.95), nil),
            Case("4.4", "{name: request-duration}", .value(0.9), nil),
            Case("3.4", duration("thresholdRange: {max: 500}"), .value(1200), start + "request duration 1.2s > 500ms"),
            Case(
                "3.4", duration("thresholdRange: {max: 500}"), .value(1515.9), start + "request duration 1.515s > 500ms"
            ),
            Case(
                "3.4", duration("thresholdRange: {max: 500}"), .value(60_500), start + "request duration 1m0.5s > 500ms"
            ),
            Case(
                "3.4", duration("thresholdRange: {max: 500}"), .value(3.6e6), start + "request duration 1h0m0s > 500ms"),
            Case("3.4", duration("thresholdRange: {max: 1000}"), .value(1001), start + "request duration 1.001s > 1s"),
            Case(
                "3.4", duration("thresholdRange: {max: 90000}"), .value(1e5), start + "request duration 1m40s > 1m30s"),
            Case("3.4", duration("thresholdRange: {min: 1}"), .value(0.5), start + "request duration 0s < 1ms"),
        ])
    func durations(_ test: Case) throws { #expect(try halt(test) == test.halt) }

    @Test(
        "values have two digits, limits as few as they need",
        arguments: [
            Case("3.4", success("thresholdRange: {min: 99.5}"), .value(99.494), start + "success rate 99.49% < 99.5%"),
            Case("3.4", success("thresholdRange: {max: 99.9}"), .value(99.999), start + "success rate 100.00% > 99.9%"),
            Case("3.4", template("thresholdRange: {max: 1e7}"), .value(2e7), start + "rate 20000000.00 > 1e+07"),
            Case("3.4", template("thresholdRange: {max: 100000}"), .value(1e6), start + "rate 1000000.00 > 100000"),
            Case("3.4", template("thresholdRange: {max: 0.00001}"), .value(1), start + "rate 1.00 > 1e-05"),
            Case("3.4", template("thresholdRange: {max: 0.0001}"), .value(1), start + "rate 1.00 > 0.0001"),
            Case(
                "3.4", template("thresholdRange: {max: 1234567}"), .value(6e11),
                start + "rate 600000000000.00 > 1.234567e+06"),
            Case("3.4", template("thresholdRange: {max: 3}"), .value(.infinity), start + "rate +Inf > 3"),
            Case("3.4", template("thresholdRange: {min: 3}"), .value(-.infinity), start + "rate -Inf < 3"),
            Case("4.4", template("thresholdRange: {min: 3}"), .value(.infinity), nil),
        ])
    func formats(_ test: Case) throws { #expect(try halt(test) == test.halt) }

    private static let noTraffic = "probably web.test is not receiving traffic"

    @Test(
        "no value, NaN and several values",
        arguments: [
            Case(
                "4.6", success("thresholdRange: {min: 99}"), .empty,
                "Halt advancement no values found for linkerd metric request-success-rate \(noTraffic): running query "
                    + "failed: no values found"),
            Case(
                "4.6", success("thresholdRange: {min: 99}"), .value(.nan),
                "Halt advancement no values found for linkerd metric request-success-rate \(noTraffic): running query "
                    + "failed: no values found"),
            Case(
                "3.4", success("thresholdRange: {min: 99}"), .empty,
                "Halt advancement no values found for gatewayapi:v1 metric request-success-rate \(noTraffic): no "
                    + "values found", provider: "gatewayapi:v1"),
            Case(
                "3.4", success("thresholdRange: {min: 99}"), .empty,
                "Halt advancement no values found for kubernetes metric request-success-rate \(noTraffic): no values "
                    + "found", provider: "kubernetes"),
            Case(
                "3.4", success("thresholdRange: {min: 99}"), .empty,
                "Halt advancement no values found for smi:v1alpha2 metric request-success-rate \(noTraffic): running "
                    + "query failed: no values found", provider: "smi:v1alpha2"),
            Case(
                "3.4", duration("thresholdRange: {max: 500}"), .empty,
                "Halt advancement no values found for linkerd metric request-duration \(noTraffic)"),
            Case(
                "4.6", duration("thresholdRange: {max: 500}"), .value(.nan),
                "Halt advancement no values found for linkerd metric request-duration \(noTraffic)"),
            Case("3.4", inline("threshold: 3"), .empty, "Halt advancement no values found for metric: errors"),
            Case("4.6", inline("threshold: 3"), .value(.nan), "Halt advancement no values found for metric: errors"),
            Case(
                "3.4", template("threshold: 3"), .empty,
                "Halt advancement no values found for custom metric: rate: no values found"),
            Case(
                "4.6", template("thresholdRange: {}"), .value(.nan),
                "Halt advancement no values found for custom metric: rate: no values found"),
            Case("4.6", template("thresholdRange: {max: 3}"), .vector([9, 2]), nil),
            Case("4.6", template("thresholdRange: {max: 3}"), .vector([2, 9]), start + "rate 9.00 > 3"),
            Case("4.6", success("thresholdRange: {min: 99}"), .vector([50, .nan, 99.5]), nil),
            Case(
                "4.6", inline("threshold: 3"), .vector([1, .nan]), "Halt advancement no values found for metric: errors"
            ),
        ])
    func odd(_ test: Case) throws { #expect(try halt(test) == test.halt) }

    @Test(
        "the first check that does not pass ends the tick, errors included",
        arguments: [
            Case(
                "3.4", success("thresholdRange: {min: 99}"), .refused("timeout"),
                "Prometheus query failed: running query failed: timeout"),
            Case(
                "3.4", success("thresholdRange: {min: 99}"), .refused("timeout"), "Prometheus query failed: timeout",
                provider: "gatewayapi:v1beta1"),
            Case(
                "3.4", duration("threshold: 5"), .refused("timeout"),
                "Prometheus query failed: running query failed: timeout", provider: "kubernetes"),
            Case("3.4", inline("threshold: 5"), .refused("timeout"), "Prometheus query failed for errors: timeout"),
            Case("3.4", template("threshold: 5"), .refused("timeout"), "Metric query failed for rate: timeout"),
            Case(
                "3.4", "{name: nothing}", .value(1),
                "Metric query failed for no usable metrics template and query were configured"),
            Case(
                "4.3", "\(template("thresholdRange: {max: 1}")), \(inline("thresholdRange: {max: 2}"))", .value(5),
                start + "errors 5.00 > 2"),
            Case(
                "4.3", "\(inline("thresholdRange: {max: 9}")), \(template("thresholdRange: {max: 1}"))", .value(5),
                start + "rate 5.00 > 1"),
            Case(
                "4.3", "{name: request-success-rate, thresholdRange: {min: 9}, query: sum(up)}", .value(5),
                start + "success rate 5.00% < 9%"),
            // One metric, two checks: the builtin passes, the template of the same name does not.
            Case(
                "4.3",
                "{name: request-success-rate, thresholdRange: {max: 9}, templateRef: {name: rate}, "
                    + "templateVariables: {direction: inbound}, interval: 1m}, \(inline("thresholdRange: {max: 1}"))",
                .value(5), start + "errors 5.00 > 1"),
        ])
    func order(_ test: Case) throws { #expect(try halt(test) == test.halt) }

    struct Rendering: Sendable {
        var section: String
        var template: String
        /// The query, or the start of the complaint.
        var result: String

        init(_ section: String, _ template: String, _ result: String) {
            self.section = section
            self.template = template
            self.result = result
        }
    }

    @Test(
        "template functions give what Flagger's give",
        arguments: [
            Rendering("4.5", #"x{n="{{ name }}"}"#, #"x{n="podinfo"}"#),
            Rendering("4.5", #"x{n="{{ namespace }}"}"#, #"x{n="test"}"#),
            Rendering("4.5", #"x{n="{{ target }}"}"#, #"x{n="web"}"#),
            Rendering("4.5", #"x{n="{{ target }}-primary"}"#, #"x{n="web-primary"}"#),
            Rendering("4.5", #"x{n="{{ service }}"}"#, #"x{n="web"}"#),
            Rendering("4.5", #"x{n="{{ ingress }}"}"#, #"x{n="web"}"#),
            Rendering("4.5", #"x{n="{{ route }}"}"#, #"x{n="web"}"#),
            Rendering("4.5", "rate(x[{{ interval }}])", "rate(x[1m30s])"),
            Rendering("4.5", #"x{n="{{ variables.dir }}"}"#, #"x{n="inbound"}"#),
            Rendering("4.5", #"x{n="{{ index variables \"dir\" }}"}"#, #"x{n="inbound"}"#),
            Rendering("4.5", #"x{n="{{ index variables \"gone\" }}"}"#, #"x{n=""}"#),
            Rendering("4.5", #"x{n="{{target}}"}"#, #"x{n="web"}"#),
            Rendering("4.5", #"x{n="{{-  target  -}}"}"#, #"x{n="web"}"#),
            Rendering("4.5", #"{{/* why */}}x{n="{{ if eq target \"web\" }}a{{ else }}b{{ end }}"}"#, #"x{n="a"}"#),
            Rendering("4.5", #"x{n="{{ printf \"%s-%s\" target namespace }}"}"#, #"x{n="web-test"}"#),
            Rendering("4.5", #"x{n="{{ variables.gone }}"}"#, "template 1:9: no variable \"gone\" (known: dir)"),
            Rendering(
                "4.5", "x{{ unknown }}",
                "template 1:5: unknown function \"unknown\" (known: name, namespace, target, service, ingress, route, "
                    + "interval, variables)"),
        ])
    func templates(_ test: Rendering) throws {
        // JSON is YAML, and quotes the template whatever is in it.
        let query = test.template.replacing("\\\"", with: "\"").replacing("\"", with: "\\\"")
        let check = try #require(
            try PlanTests.plan(
                #"{name: a, interval: 1m30s, templateVariables: {dir: inbound}, query: "\#(query)"}"#
            ).first)
        #expect(check.problem.map(\.message) ?? check.query == test.result, "\(test.section)")
    }

    @Test(
        "windows that are left out: a minute for builtins and inline queries, none for templates",
        arguments: [
            ("1.3", "{name: request-success-rate}", "1m"), ("1.3", "{name: request-duration}", "1m"),
            ("1.3", "{name: a, query: 'rate(x[{{ interval }}])'}", "1m"),
            ("1.3", "{name: request-duration, interval: 30s}", "30s"),
            (
                "1.3", "{name: a, templateRef: {name: rate}, templateVariables: {direction: inbound}}",
                "the template uses {{ interval }}, and the metric has no interval"
            ),
        ])
    func windows(section: String, metric: String, wanted: String) throws {
        let check = try #require(try PlanTests.plan(metric).first)
        #expect(check.problem.map(\.message) ?? check.window == wanted, "\(section)")
    }
}
