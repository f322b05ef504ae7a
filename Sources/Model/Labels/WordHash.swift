/// Folds words into one: a multiplication to 128 bits each, both halves of which go on. For tables in memory: as hard to
/// predict as its words are, and not the same from one release to the next.
@usableFromInline package struct WordHash: Sendable {
    /// The words so far.
    @usableFromInline package var value: UInt64 = 0x9e37_79b9_7f4a_7c15

    /// No words yet.
    @inlinable package init() {}

    /// Takes one more word.
    @inlinable package mutating func combine(_ word: UInt64) {
        let product = (value ^ word).multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
        value = (product.high ^ product.low) &+ 0xe703_7ed1_a0b4_28db
    }
}
