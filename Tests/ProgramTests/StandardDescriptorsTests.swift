import Foundation
import TestSupport
import Testing

/// A server whose parent closed its standard descriptors, or lets it open few files.
@Suite("Descriptors of a server", .serialized) struct StandardDescriptorsTests {
    @Test(
        "messages never go into files of the data directory",
        arguments: ["2>&-", ">&- 2>&-", "<&- 2>&-", "<&- >&- 2>&-"])
    func closed(_ closing: String) async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = folder.appendingPathComponent("data").path
        let config = folder.appendingPathComponent("c.yaml").path
        try "scrape_configs: []\n".write(toFile: config, atomically: true, encoding: .utf8)
        let command =
            "exec '\(Program.url.path)' serve --config '\(config)' --listen 127.0.0.1:0 --data '\(data)' \(closing)"
        let process = try ChildProcess("/bin/sh", ["-c", command])
        let deadline = Date().addingTimeInterval(60)
        while Date() < deadline, !FileManager.default.fileExists(atPath: data + "/log-end") {
            try await Task.sleep(for: .milliseconds(50))
        }
        try await Task.sleep(for: .milliseconds(500))
        for (number, sign) in [(0, "<&-"), (1, " >&-"), (2, "2>&-")] where (" " + closing).contains(sign) {
            let path = "/proc/\(process.id)/fd/\(number)"
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "/dev/null")
        }
        for _ in 0..<3 {
            process.send(SIGHUP)
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(try await Blocking.run { process.stop(SIGKILL) })
        for case let name as String in FileManager.default.enumerator(atPath: data) ?? .init() {
            let bytes = FileManager.default.contents(atPath: data + "/" + name) ?? Data()
            #expect(bytes.range(of: Data("haldane".utf8)) == nil, "\(name)")
            #expect(bytes.range(of: Data("read again".utf8)) == nil, "\(name)")
        }
    }

    @Test("too few files to open are refused with exit code 4") func limit() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        for limit in [16, 24, 32] {
            let command =
                "ulimit -n \(limit); exec '\(Program.url.path)' serve --listen 127.0.0.1:0 "
                + "--data '\(folder.appendingPathComponent("data").path)'"
            let outcome = try await Program.run(executable: "/bin/sh", ["-c", command])
            #expect(outcome.code == 4 && outcome.signal == nil, "\(outcome)")
            #expect(outcome.messages.contains("ulimit -n"), "\(outcome.messages)")
        }
    }
}
