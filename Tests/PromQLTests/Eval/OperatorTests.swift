import Model
import PromQL
import Testing

@Suite("Binary operators, joins and aggregations")
struct OperatorTests {
    static let data = """
        left{a="1",b="x"} 1
        left{a="2",b="x"} 2
        left{a="3",b="y"} NaN
        right{a="1"} 10
        right{a="2"} 20
        right{a="4"} 40
        twice{a="1",c="p"} 5
        twice{a="1",c="q"} 6
        big{p="1"} 1e308
        big{p="2"} 1e308
        big{p="3"} -1e308
        """

    @Test(
        "binary operators",
        arguments: [
            Case("1 + 2 * 3 ^ 2", "scalar 19"),
            Case("5 % 0", "scalar NaN"),
            Case("-7 % 3", "scalar -1"),
            Case("1 < bool 2 < bool 1", "scalar 0"),
            Case("2 < left", #"error: none"#).empty,
            Case("2 >= left", #"left{a="1", b="x"} 1"#, #"left{a="2", b="x"} 2"#),
            Case("left != left", #"left{a="3", b="y"} NaN"#),
            Case("left + on(a) right", #"{a="1"} 11"#, #"{a="2"} 22"#),
            Case("left * ignoring(b) right", #"{a="1"} 10"#, #"{a="2"} 40"#),
            Case("left < on(a) right", #"{a="1"} 1"#, #"{a="2"} 2"#),
            Case("left < ignoring(b) right", #"left{a="1"} 1"#, #"left{a="2"} 2"#),
            Case("right > bool on(a) left", #"{a="1"} 1"#, #"{a="2"} 1"#),
            Case("twice / on(a) group_left right", #"{a="1", c="p"} 0.5"#, #"{a="1", c="q"} 0.6"#),
            Case("right - on(a) group_right(b) twice", #"{a="1", c="p"} 5"#, #"{a="1", c="q"} 4"#),
            Case(
                "right + on(a) twice",
                #"error: found duplicate series for the match group {a="1"} on the right hand-side of the operation: "#
                    + #"[{__name__="twice", a="1", c="p"}, {__name__="twice", a="1", c="q"}]"#
                    + ";many-to-many matching not allowed: matching labels must be unique on one side"),
            Case(
                "twice + on(a) right",
                "error: multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"),
            Case(
                "twice * on(a) group_left(c) right",
                "error: multiple matches for labels: grouping labels must ensure unique matches"),
            Case("left + on(a) fill_right(100) right", #"{a="1"} 11"#, #"{a="2"} 22"#, #"{a="3"} NaN"#),
            Case("right + on(a) fill(0) twice{c=\"p\"}", #"{a="1"} 15"#, #"{a="2"} 20"#, #"{a="4"} 40"#),
            Case("left and on(a) right", #"left{a="1", b="x"} 1"#, #"left{a="2", b="x"} 2"#),
            Case("left unless on(a) right", #"left{a="3", b="y"} NaN"#),
            Case(
                "right or on(a) left", #"left{a="3", b="y"} NaN"#, #"right{a="1"} 10"#, #"right{a="2"} 20"#,
                #"right{a="4"} 40"#),
            Case("abs({__name__=~\"left|right\", a=\"2\"})", #"{a="2", b="x"} 2"#, #"{a="2"} 20"#),
            Case("-{a=\"1\", b=\"\", c=\"\"}", #"{a="1"} -10"#),
            Case(
                "label_replace(twice, \"c\", \"\", \"\", \".*\")",
                "error: vector cannot contain metrics with the same labelset"),
        ])
    func operators(_ test: Case) {
        #expect(Fixture(Self.data).lines(test.query, at: test.time) == test.expected)
    }

    @Test(
        "aggregations",
        arguments: [
            Case("sum(right)", "{} 70"),
            Case("sum by (b) (left)", #"{b="x"} 3"#, #"{b="y"} NaN"#),
            Case("count without (a) (left)", #"{b="x"} 2"#, #"{b="y"} 1"#),
            Case("max(left)", "{} 2"),
            Case("min(left{a=\"3\"})", "{} NaN"),
            Case("group by (nothing) (left)", "{} 1"),
            Case("avg(big)", "{} 3.333333333333333e+307"),
            Case("stdvar(right)", "{} 155.55555555555554"),
            Case("quantile(0.5, right)", "{} 20"),
            Case("topk(2, right)", #"right{a="2"} 20"#, #"right{a="4"} 40"#),
            Case("topk(NaN, right)", "error: Parameter value is NaN"),
            Case("topk(1e30, right)", "error: Scalar value 1e+30 overflows int64"),
            Case("limitk(1, right)", #"right{a="1"} 10"#),
            Case("count_values(\"v\", right / 10)", #"{v="1"} 1"#, #"{v="2"} 1"#, #"{v="4"} 1"#),
            Case("sum(nothing)").empty,
        ])
    func aggregations(_ test: Case) {
        #expect(Fixture(Self.data).lines(test.query, at: test.time) == test.expected)
    }

    @Test("the order of sort, topk and bottomk is kept")
    func order() {
        let fixture = Fixture(Self.data)
        #expect(fixture.lines("topk(2, right)", ordered: true) == [#"right{a="4"} 40"#, #"right{a="2"} 20"#])
        #expect(
            fixture.lines("bottomk(2, left)", ordered: true) == [#"left{a="1", b="x"} 1"#, #"left{a="2", b="x"} 2"#])
        #expect(
            fixture.lines("sort_desc(left)", ordered: true) == [
                #"left{a="2", b="x"} 2"#, #"left{a="1", b="x"} 1"#, #"left{a="3", b="y"} NaN"#,
            ])
        let natural = Fixture("n{i=\"x10\"} 1\nn{i=\"x2\"} 1\nn{i=\"x1\"} 1")
        #expect(
            natural.lines("sort_by_label(n, \"i\")", ordered: true) == [
                #"n{i="x1"} 1"#, #"n{i="x2"} 1"#, #"n{i="x10"} 1"#,
            ])
    }

    @Test("the two halves of limit_ratio are complementary")
    func ratio() {
        let lines = (0..<200).map { "n{i=\"\($0)\"} 1" }.joined(separator: "\n")
        let fixture = Fixture(lines)
        #expect(fixture.lines("count(limit_ratio(0.3, n) or limit_ratio(-0.7, n))") == ["{} 200"])
        #expect(fixture.lines("count(limit_ratio(0.3, n) and limit_ratio(-0.7, n))").isEmpty)
        #expect(fixture.lines("count(limit_ratio(0.5, n)) > bool 60 < bool 2") == ["{} 1"])
    }

    @Test("series that become equal at different steps are one series")
    func merging() throws {
        let fixture = Fixture("a 1 stale\nb _ 2")
        let result = try fixture.range("-{__name__=~\"a|b\"}", 0, 60_000, 60_000)
        #expect(Fixture.lines(result.value) == ["{} -1@0 -2@60000"])
        #expect(throws: QueryError.self) { try Fixture("a 1\nb 2").range("-{__name__=~\"a|b\"}", 0, 60_000, 60_000) }
    }

    @Test("with delayed name removal names go last")
    func delayed() {
        let fixture = Fixture(
            "a_total 0 60 120\nb_total 60 120 180", options: Fixture.options(delayed: true))
        #expect(
            fixture.lines(
                "label_replace(rate({__name__=~\"._total\"}[10m]), \"n\", \"$1\", \"__name__\", \"(.+)\")", at: 120_000
            )
            .count == 2)
        #expect(fixture.lines("sum by (__name__) (rate(a_total[10m]))", at: 120_000).count == 1)
        #expect(
            fixture.lines("rate({__name__=~\"._total\"}[10m])", at: 120_000) == [
                "error: vector cannot contain metrics with the same labelset"
            ])
        #expect(fixture.lines("a_total + 1", at: 120_000) == ["{} 121"])
    }
}

extension Case {
    /// The same query, expected to answer nothing.
    var empty: Case { Case(query, at: time) }
}
