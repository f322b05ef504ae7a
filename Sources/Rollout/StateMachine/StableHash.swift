import FlaggerAPI

/// A hash whose text is the same on every machine and in every version: 64-bit FNV-1a. It distinguishes revisions; it
/// protects nothing.
package struct StableHash: Sendable, Hashable {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    /// The hash of nothing.
    package init() {}

    /// Adds bytes.
    package mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }

    /// Adds a text and marks its end, so that `ab`, `c` and `a`, `bc` differ.
    package mutating func add(_ text: String) {
        add(text.utf8)
        add(CollectionOfOne(0))
    }

    /// Letters that follow from the hash, up to 10 of them.
    package func letters(_ count: Int) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".unicodeScalars)
        var rest = state
        var out = String.UnicodeScalarView()
        for _ in 0..<min(count, 10) {
            out.append(alphabet[Int(rest % UInt64(alphabet.count))])
            rest /= UInt64(alphabet.count)
        }
        return String(out)
    }

    /// Sixteen hexadecimal digits.
    package var text: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// The texts in `status.lastAppliedSpec` and `status.lastPromotedSpec`.
package enum SpecHash {
    /// The prefix of our own hashes. Flagger's never hold a hyphen, so the two cannot be confused.
    package static let prefix = "x1-"

    /// The text for a pod template, given in any form in which equal templates are equal.
    package static func text(of template: some Sequence<UInt8>) -> String {
        var hash = StableHash()
        hash.add(template)
        return prefix + hash.text
    }

    /// Whether a hash can be compared with our own. Flagger's own hashes cannot be computed again.
    package static func isComparable(_ text: String) -> Bool { text.hasPrefix(prefix) }
}
