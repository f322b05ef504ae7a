import Testing

/// Functions that can be read at a glance.
@Suite("Function length") struct FunctionLengthTests {
    /// Longest a function may be, in lines from its name to its closing brace.
    static let linesMax = 70

    @Test("no function is longer than 70 lines") func lengths() {
        var count = 0
        for file in Repository.files("Sources") + Repository.files("Tests") {
            for (line, length) in Self.functions(file) {
                count += 1
                if length > Self.linesMax {
                    Issue.record("\(file.path):\(line) is \(length) lines long, more than \(Self.linesMax): split it")
                }
            }
        }
        #expect(count > 4000, "\(count) functions seen")
    }

    @Test("the length of a function is counted to its own brace") func counting() {
        let text = """
            struct A {
                func short() { }
                func long(
                    _ x: Int
                ) -> Int {
                    if x > 0 {
                        return 1
                    }
                    return 2
                }
                init(x: Int) {
                    self.x = x
                }
            }
            protocol P {
                func required(
                    _ x: Int
                ) -> Int
                func other()
            }
            """
        let found = Self.functions(Repository.File(path: "A.swift", text: text))
        #expect(found.map(\.line) == [2, 3, 11] && found.map(\.length) == [1, 8, 3], "\(found)")
    }

    /// The first line and the number of lines of each function, initialiser and subscript with a body. Relies on the
    /// formatter: a closing brace stands under the first letter of what it closes.
    static func functions(_ file: Repository.File) -> [(line: Int, length: Int)] {
        let lines = file.code
        var found: [(Int, Int)] = []
        let start =
            #/^( *)(?:@\w+(?:\([^)]*\))? )*(?:[a-z]+(?:\([a-z]+\))? )*(?:func [^ ]|init[?(<]|subscript[(<]|deinit )/#
        for (index, line) in lines.enumerated() {
            guard let match = try? start.prefixMatch(in: line) else { continue }
            guard let opening = body(lines, index, String(match.1)) else { continue }
            if lines[opening].hasSuffix("}") {
                found.append((index + 1, opening - index + 1))
                continue
            }
            let end = lines[(opening + 1)...].firstIndex { $0.hasPrefix(match.1 + "}") } ?? opening
            found.append((index + 1, end - index + 1))
        }
        return found
    }

    /// The line on which the body begins; `nil` for a requirement of a protocol.
    private static func body(_ lines: [String], _ first: Int, _ indent: String) -> Int? {
        for index in first..<min(first + 30, lines.count) {
            let line = lines[index]
            if line.contains("{") { return index }
            // The next declaration at the same depth, or the end of the protocol.
            if index > first, !line.hasPrefix(indent + " "), !line.hasPrefix(indent + ")") { return nil }
        }
        return nil
    }
}
