import Testing

@testable import Scrape

@Suite("How many are in use at a time") struct UseHistoryTests {
    @Test("what is rare is not usual, what is frequent is, until it is rare again")
    func usual() {
        var history = UseHistory()
        for use in 0..<2_000 { history.note(use % 100 == 99 ? 2 : 1) }
        #expect(history.usual == 1)
        for use in 0..<2_000 { history.note(use % 10 == 9 ? 3 : 1) }
        #expect(history.usual == 3)
        for _ in 0..<8_000 { history.note(1) }
        #expect(history.usual == 1)
    }
}
