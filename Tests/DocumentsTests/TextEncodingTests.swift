import Model
import Testing

@Suite("Encodings of texts from outside") struct TextEncodingTests {
    private static func utf16(_ text: String, isLittle: Bool) -> [UInt8] {
        text.utf16.flatMap { unit in
            let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xff))
            return isLittle ? [low, high] : [high, low]
        }
    }

    private static let text = "kind: Canary # ä€😀\n"

    static let readable: [[UInt8]] = [
        Array(text.utf8), [0xef, 0xbb, 0xbf] + Array(text.utf8), [0xff, 0xfe] + utf16(text, isLittle: true),
        [0xfe, 0xff] + utf16(text, isLittle: false), utf16(text, isLittle: true), utf16(text, isLittle: false),
    ]

    @Test("UTF-8 and UTF-16 are read, with a mark and without", arguments: readable)
    func read(bytes: [UInt8]) { #expect(TextEncoding.text(bytes) == Self.text) }

    @Test(
        "other bytes are no text",
        arguments: [
            [0xff, 0xfe, 0x41], [0xff, 0xfe, 0x00, 0xd8], [0xc3, 0x28], [0xff, 0xfe, 0, 0, 0x41, 0, 0, 0],
            [0x1f, 0x8b, 8, 0],
        ] as [[UInt8]])
    func refused(bytes: [UInt8]) { #expect(TextEncoding.text(bytes) == nil) }

    @Test("short texts are what they are") func short() {
        #expect(TextEncoding.text([]) == "")
        #expect(TextEncoding.text([0x41]) == "A")
        #expect(TextEncoding.text([0xef, 0xbb, 0xbf]) == "")
    }
}
