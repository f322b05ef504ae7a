import Console
import Foundation
import Testing

/// Files that arguments name.
@Suite("Input files") struct InputPathTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "inputs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "inner"), withIntermediateDirectories: true)
        for name in ["b.yaml", "a.yml", "c.json", "notes.txt", ".hidden.yaml", "inner/d.yaml"] {
            try Data(name.utf8).write(to: folder.appending(path: name))
        }
    }

    private func expand(_ paths: String...) throws -> [String] {
        try InputPaths.expand(paths.map { $0 == "-" || $0 == "/dev/stdin" ? $0 : folder.path + "/" + $0 })
            .map { $0.replacing(folder.path + "/", with: "") }
    }

    @Test("a folder stands for its own files of the known kinds, by name") func folders() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try expand("") == ["a.yml", "b.yaml", "c.json"])
        #expect(try expand("inner", "c.json", "-") == ["inner/d.yaml", "c.json", "-"])
        #expect(try InputPaths.expand([folder.path], endings: ["txt"]).map { $0.suffix(9) } == ["notes.txt"])
    }

    @Test("a pattern that no shell has expanded is one") func patterns() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try expand("*.y*ml") == ["a.yml", "b.yaml"])
        #expect(try expand("inne?") == ["inner/d.yaml"])
        try Data().write(to: folder.appending(path: "x[1].yaml"))
        #expect(try expand("x[1].yaml") == ["x[1].yaml"], "a file of that name comes first")
    }

    @Test("what stands for nothing, and standard input twice, is bad input") func refusals() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: CommandError.self) { try expand("*.none") }
        #expect(throws: CommandError.self) { try expand("-", "/dev/stdin") }
        #expect(throws: CommandError.self) { try InputPaths.expand([folder.path], endings: ["none"]) }
        #expect(try expand("absent.yaml") == ["absent.yaml"], "reading it says why not")
    }

    @Test("UTF-8 with and without a mark, and UTF-16 of both orders, are text") func encodings() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "t.yaml").path
        func read(_ bytes: [UInt8]) throws -> String {
            try Data(bytes).write(to: URL(filePath: path))
            return try InputFile.text(path)
        }
        let text = "name: é 𝄞\n"
        let units = Array(text.utf16)
        #expect(try read(Array(text.utf8)) == text)
        #expect(try read([0xef, 0xbb, 0xbf] + Array(text.utf8)) == text)
        #expect(try read([0xff, 0xfe] + units.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }) == text)
        #expect(try read([0xfe, 0xff] + units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }) == text)
        #expect(throws: CommandError.self) { try read([0xff, 0xfe, 0x00]) }
        #expect(throws: CommandError.self) { try read([0xff, 0xfe, 0x00, 0xd8]) }
        #expect(throws: CommandError.self) { try read([0x80]) }
    }
}
