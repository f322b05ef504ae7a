import Console
import Documents
import FoundationEssentials
import Model

/// Manual pages (man(7) of section 1) of the program and its commands, from what the argument parser tells of itself.
struct ManualPages {
    /// A page: the file's name, and the text.
    struct Page {
        var file: String
        var text: String
    }

    private let root: Node
    private static let help: Set<String> = ["help"]

    /// The pages behind the argument parser's description of a program, in JSON.
    init(dump: String) throws {
        guard let command = try JSONReader.parse(dump)["command"] else {
            throw CommandError.badInput("the argument parser tells nothing of the program")
        }
        root = command
    }

    /// Writes all pages into a folder, which is made where it is missing.
    static func write(_ dump: String, to folder: String) throws {
        let pages = try ManualPages(dump: dump).pages()
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
            throw CommandError.unreachable("cannot make the folder \(folder)")
        }
        for page in pages { try OutputFile.write(page.text, to: "\(folder)/\(page.file)") }
    }

    /// The program's page first, then one for each command.
    func pages() throws -> [Page] {
        let name = try root["commandName"]?.string() ?? "haldane"
        let commands = try commands(of: root)
        return try [page(root, name: name, commands: commands)]
            + commands.map { try page($0, name: "\(name)-\($0["commandName"]?.string() ?? "")", commands: []) }
    }

    private func commands(of node: Node) throws -> [Node] {
        try (node["subcommands"]?.elements() ?? []).filter {
            try !Self.help.contains($0["commandName"]?.string() ?? "") && ($0["shouldDisplay"]?.bool() ?? true)
        }
    }

    private func page(_ node: Node, name: String, commands: [Node]) throws -> Page {
        let abstract = try node["abstract"]?.string() ?? ""
        var lines = [
            ".TH \(Self.word(name.uppercased())) 1 \"\" \"haldane \(Version.number)\" \"Haldane\"", ".SH NAME",
            "\(Self.text(name)) \\- \(Self.text(abstract))", ".SH SYNOPSIS",
            ".B \(Self.text(name.replacing("-", with: " ")))",
        ]
        let arguments = try (node["arguments"]?.elements() ?? []).filter { try $0["shouldDisplay"]?.bool() ?? true }
        lines += [commands.isEmpty ? "[options]" : "command [options]"]
        for argument in arguments where try argument["kind"]?.string() == "positional" {
            lines.append(".I \(Self.text(try argument["valueName"]?.string() ?? ""))")
        }
        lines += try description(node)
        if !commands.isEmpty {
            lines.append(".SH COMMANDS")
            for command in commands {
                let own = try command["commandName"]?.string() ?? ""
                lines += [
                    ".TP", ".BR \(Self.text("\(name)-\(own)")) (1)", Self.text(try command["abstract"]?.string() ?? ""),
                ]
            }
        }
        if !arguments.isEmpty {
            lines.append(".SH OPTIONS")
            for argument in arguments { lines += try option(argument) }
        }
        lines += [".SH EXIT STATUS"]
        lines += Self.exitCodes.flatMap { [".TP", ".B \($0.code)", $0.meaning] }
        lines += [
            ".SH ENVIRONMENT", ".TP", ".B \(ServerOptions.variable)",
            "The server that commands ask which have \\-\\-server, where they are not given it.", ".TP", ".B NO_COLOR",
            "Set to anything: no colour.", ".TP", ".B TZ", "The zone of times that are shown and read.",
        ]
        return Page(file: "\(name).1", text: lines.joined(separator: "\n") + "\n")
    }

    private static let exitCodes: [(code: Int, meaning: String)] = [
        (0, "Fine, or a pass."), (1, "A fail verdict, or a failed test."), (2, "Wrong usage or bad input."),
        (3, "An inconclusive verdict."),
        (4, "Something that is needed can't be reached or used: a server, a port, a data directory."),
    ]

    /// The discussion; lines that are indented are examples and stay as they are.
    private func description(_ node: Node) throws -> [String] {
        guard let text = try node["discussion"]?.string(), !text.isEmpty else { return [] }
        var lines = [".SH DESCRIPTION"]
        var isVerbatim = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let verbatim = line.hasPrefix("  ")
            if verbatim != isVerbatim { lines.append(verbatim ? ".nf" : ".fi") }
            isVerbatim = verbatim
            lines.append(line.isEmpty ? ".PP" : Self.text(String(line)))
        }
        return lines + (isVerbatim ? [".fi"] : [])
    }

    private func option(_ argument: Node) throws -> [String] {
        let value = try argument["valueName"]?.string() ?? ""
        let names = try (argument["names"]?.elements() ?? []).map { name in
            let text = try name["name"]?.string() ?? ""
            return try name["kind"]?.string() == "long" ? "--\(text)" : "-\(text)"
        }
        let kind = try argument["kind"]?.string() ?? ""
        let head = names.sorted { $0.count < $1.count }.map { "\\fB\(Self.inner($0))\\fR" }.joined(separator: ", ")
        let tail = kind == "flag" || value.isEmpty ? "" : " \\fI\(Self.inner(value))\\fR"
        return [
            ".TP", head.isEmpty ? "\\fI\(Self.inner(value))\\fR" : head + tail,
            Self.text(try argument["abstract"]?.string() ?? ""),
        ]
    }

    /// A text of a line: what roff would read as a request or an escape is escaped.
    private static func text(_ text: String) -> String {
        let escaped = inner(text).replacing("\n", with: " ")
        return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
    }

    private static func inner(_ text: String) -> String {
        text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    }

    private static func word(_ text: String) -> String { "\"\(inner(text))\"" }
}
