import Analyzer

/// The objects of the files behind `-f`.
enum CanaryFiles {
    /// Reads all files into one set of objects. A file that can't be opened is bad input; what is wrong inside is
    /// among the findings.
    static func read(_ paths: [String]) throws -> ObjectFile {
        var objects = ObjectFile()
        for path in paths { objects.add(text: try InputFile.text(path), file: path) }
        return objects
    }

    /// Fails with the located errors, if there are any.
    static func require(_ findings: [Finding]) throws {
        let errors = findings.filter { $0.severity == .error }
        guard errors.isEmpty else {
            throw CommandError.badInput(
                "this can't be used:\n" + errors.map { "  \($0)" }.joined(separator: "\n"))
        }
    }
}
