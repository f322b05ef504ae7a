import Model
import Testing

@Suite("Texts as keys") struct ExactTextTests {
    @Test("canonically equal texts with other bytes are other keys") func bytes() {
        let (composed, decomposed) = ("caf\u{e9}", "cafe\u{301}")
        #expect(composed == decomposed)
        #expect(ExactText(composed) != ExactText(decomposed))
        let table = [ExactText(composed): 1, ExactText(decomposed): 2, ExactText(""): 3]
        #expect(table[ExactText("caf\u{e9}")] == 1)
        #expect(table[ExactText("cafe\u{301}")] == 2)
        #expect(table[ExactText("")] == 3)
    }

    @Test(
        "a clock set back is told by how far ahead the earlier time is",
        arguments: [
            (0, 0, false), (10_000, 0, false), (10_001, 0, true), (0, 10_001, false), (Timestamp.max, .min, true),
            (.min, .max, false), (Timestamp.max, 0, true), (0, .min, true),
        ] as [(Timestamp, Timestamp, Bool)])
    func setBack(earlier: Timestamp, now: Timestamp, expected: Bool) {
        #expect(ClockSetBack.shows(earlier, now: now) == expected)
    }
}
