import Console
import Documents
import FlaggerAPI

/// The objects of the files behind `-f`.
enum CanaryFiles {
    /// Reads all files into one set of objects: files, folders, patterns, `-`. A file that can't be opened is bad input; what is
    /// wrong inside is among the findings.
    static func read(_ paths: [String]) throws -> ObjectFile {
        var objects = ObjectFile()
        for path in try InputPaths.expand(paths) { objects.add(text: try InputFile.text(path), file: shown(path)) }
        return objects
    }

    /// How findings call a file.
    static func shown(_ path: String) -> String { path == "-" ? "standard input" : path }

    /// Fails with the located errors, if there are any.
    static func require(_ findings: [Finding]) throws {
        if let problems = Finding.refusal(findings) { throw CommandError.badInput(problems) }
    }
}
