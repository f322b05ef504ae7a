import Model
import TestSupport
import Testing

@Suite("Order and equality of texts by bytes") struct ByteOrderTests {
    static let texts = [
        "", "a", "aa", "ab", "b", "\u{e9}", "e\u{301}", "\u{1f600}", "z", "\u{0}", "a\u{0}", "a\u{0}b",
        "a label value that is longer than a small string", "a label value that is longer than a small strinh",
    ]

    @Test("agrees with the bytes one by one, for short and long texts")
    func order() {
        for left in Self.texts {
            for right in Self.texts {
                #expect(left.equalsByBytes(right) == (Array(left.utf8) == Array(right.utf8)), "\(left) \(right)")
                let precedes = left.utf8.lexicographicallyPrecedes(right.utf8)
                #expect(left.precedesByBytes(right) == precedes, "\(left) \(right)")
            }
        }
    }

    @Test("agrees with the bytes of random texts", arguments: 0..<20)
    func random(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            func text() -> String {
                let count = Int.random(in: 0...40, using: &random)
                return String(
                    decoding: (0..<count).map { _ in UInt8.random(in: 97...98, using: &random) }, as: UTF8.self)
            }
            let (left, right) = (text(), text())
            #expect(left.equalsByBytes(right) == left.utf8.elementsEqual(right.utf8))
            #expect(left.precedesByBytes(right) == left.utf8.lexicographicallyPrecedes(right.utf8))
        }
    }
}
