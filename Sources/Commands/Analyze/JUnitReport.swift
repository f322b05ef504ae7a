/// Test results in the XML that CI systems read: a suite for each file, a case for each case, as JUnit's Ant task writes it.
struct JUnitReport {
    private var suites: [(file: String, cases: [TestCase], fault: String?)] = []

    /// Adds a file with its cases. `fault` is why it could not be used.
    mutating func add(_ file: String, _ cases: [TestCase], fault: String?) { suites.append((file, cases, fault)) }

    /// The document.
    var xml: String {
        var out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
        for (file, cases, fault) in suites {
            let failures = cases.count { !$0.hasPassed }
            out +=
                "  <testsuite name=\"\(Self.escaped(file))\" tests=\"\(cases.count)\" failures=\"\(failures)\" "
                + "errors=\"\(fault == nil ? 0 : 1)\">\n"
            for one in cases {
                let names = "name=\"\(Self.escaped(one.title))\" classname=\"\(Self.escaped(one.location))\""
                if one.hasPassed {
                    out += "    <testcase \(names)/>\n"
                } else {
                    let message = Self.escaped(one.differences.first?.what ?? "")
                    let text = Self.escaped(one.lines.joined(separator: "\n"))
                    out += "    <testcase \(names)><failure message=\"\(message)\">\(text)</failure></testcase>\n"
                }
            }
            if let fault {
                let names = "name=\"\(Self.escaped(file))\" classname=\"\(Self.escaped(file))\""
                out += "    <testcase \(names)><error message=\"\(Self.escaped(fault))\"/></testcase>\n"
            }
            out += "  </testsuite>\n"
        }
        return out + "</testsuites>\n"
    }

    /// A text as XML 1.0 takes it: characters that it can't hold become U+FFFD.
    private static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "\n": out += "&#10;"
            case "\t": out += "&#9;"
            case "\u{0}"..."\u{1f}", "\u{fffe}", "\u{ffff}": out += "\u{fffd}"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
