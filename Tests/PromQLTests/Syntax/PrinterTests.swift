import PromQL
import Testing

@Suite("Printer")
struct PrinterTests {
    @Test(
        "The canonical form",
        arguments: [
            ("sum by() (a)", "sum(a)"), ("sum without() (a)", "sum without () (a)"),
            ("sum(a) by (b,c)", "sum by (b, c) (a)"),
            ("topk(5,a)", "topk(5, a)"), ("a-on()c", "a - on () c"),
            ("a*on(b)group_right c", "a * on (b) group_right () c"),
            ("a{z=\"1\",b!~\"x\"}", "a{b!~\"x\",z=\"1\"}"), ("{__name__=\"a\"}", "{__name__=\"a\"}"),
            ("{\"a b\",\"c d\"=\"e\"}", "{\"c d\"=\"e\",__name__=\"a b\"}"), ("a[300]", "a[5m]"), ("a[1w]", "a[1w]"),
            ("a[8d]", "a[8d]"), ("a[90m]", "a[1h30m]"), ("a[4.18]", "a[4s180ms]"), ("a[0.0001]", "a[0.0001]"),
            ("a[1h:5m]", "a[1h:5m]"), ("a[1h:]", "a[1h:]"), ("a offset 0", "a"), ("a offset -90", "a offset -1m30s"),
            ("a offset 1m @ 1.5", "a @ 1.500 offset 1m"), ("a[5m] @ start() offset 5m", "a[5m] @ start() offset 5m"),
            ("a smoothed @ 1", "a @ 1.000 smoothed"), ("a[1m] @ 1 anchored", "a[1m] anchored @ 1.000"),
            ("'it''s'", nil), ("'a\"b\\n'", "\"a\\\"b\\n\""), ("1e3", "1000"), ("1e-7", "0.0000001"), ("5m", "5m"),
            ("inf", "+Inf"), ("Inf ^ a", "Inf ^ a"), ("-a", "-a"), ("+a", "+a"), ("- 1", "-1"), ("((a))", "((a))"),
            ("a + fill(1) b", "a + fill (1) b"),
            ("a + fill_right(1) fill_left(2) b", "a + fill_left (2) fill_right (1) b"),
            ("a[5m+step()*2]", "a[5m + step() * 2]"), ("a offset +(5)", "a offset (5)"), ("info(a, {})", "info(a, {})"),
            ("a atan2 b", "a atan2 b"), ("1 == BOOL 1", "1 == bool 1"), ("a AND b", "a and b"),
        ])
    func canonical(_ text: String, _ wanted: String?) throws {
        guard let wanted else {
            #expect(throws: ParseError.self) { try Parser.parse(text, options: .everything) }
            return
        }
        #expect(try Parser.parse(text, options: .everything).text == wanted)
    }

    @Test("Long queries are broken, short ones are not")
    func pretty() throws {
        let query = try Parser.parse(
            "sum by (job) (rate(http_requests_total{code=~\"5..\"}[5m])) / sum by (job) (rate(http_requests_total[5m])) > 0.05"
        )
        #expect(query.pretty(lineLimit: 200) == query.text)
        #expect(
            query.pretty == """
                    sum by (job) (rate(http_requests_total{code=~"5.."}[5m]))
                  /
                    sum by (job) (rate(http_requests_total[5m]))
                >
                  0.05
                """)
    }
}
