/// Swift source as the tidy tests read it.
enum CodeText {
    /// The lines of a source, with comments and the contents of texts left out. What a text interpolates stays, since it
    /// is code. Lines keep their numbers and their indentation.
    static func lines(_ text: String) -> [String] {
        var reader = Reader(Array(text.utf8))
        reader.code(until: nil)
        return String(decoding: reader.out, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    private struct Reader {
        let text: [UInt8]
        var at = 0
        var out: [UInt8] = []

        init(_ text: [UInt8]) { self.text = text }

        func starts(_ word: StaticString) -> Bool {
            let bytes = Array("\(word)".utf8)
            return at + bytes.count <= text.count && text[at..<(at + bytes.count)].elementsEqual(bytes)
        }

        /// Reads code up to the end, or to the parenthesis that closes an interpolation.
        mutating func code(until end: UInt8?) {
            var depth = 0
            while at < text.count {
                if starts("//") {
                    while at < text.count, text[at] != 0x0a { at += 1 }
                    continue
                }
                if starts("/*") {
                    skipComment()
                    continue
                }
                let hashes = text[at...].prefix { $0 == 0x23 }.count
                if at + hashes < text.count, text[at + hashes] == 0x22 {
                    literal(hashes)
                    continue
                }
                let byte = text[at]
                if let end, byte == end, depth == 0 { return }
                if byte == 0x28 { depth += 1 }
                if byte == 0x29 { depth -= 1 }
                out.append(byte)
                at += 1
            }
        }

        private mutating func skipComment() {
            var depth = 0
            while at < text.count {
                if starts("/*") { depth += 1; at += 2; continue }
                if starts("*/") {
                    depth -= 1
                    at += 2
                    if depth == 0 { return }
                    continue
                }
                if text[at] == 0x0a { out.append(0x0a) }
                at += 1
            }
        }

        /// Reads a text literal with so many hash signs.
        private mutating func literal(_ hashes: Int) {
            at += hashes
            let quotes = starts("\"\"\"") ? 3 : 1
            at += quotes
            out += [0x22, 0x22]
            while at < text.count {
                if text[at] == 0x22, closes(quotes, hashes) {
                    at += quotes + hashes
                    return
                }
                if text[at] == 0x5c, text[(at + 1)...].prefix(hashes).allSatisfy({ $0 == 0x23 }) {
                    at += 1 + hashes
                    guard at < text.count else { return }
                    if text[at] == 0x28 {
                        at += 1
                        out.append(0x20)
                        code(until: 0x29)
                        out.append(0x20)
                    }
                    at += 1
                    continue
                }
                if text[at] == 0x0a { out.append(0x0a) }
                at += 1
            }
        }

        private func closes(_ quotes: Int, _ hashes: Int) -> Bool {
            let end = at + quotes + hashes
            return end <= text.count && text[at..<(at + quotes)].allSatisfy { $0 == 0x22 }
                && text[(at + quotes)..<end].allSatisfy { $0 == 0x23 }
        }
    }
}
