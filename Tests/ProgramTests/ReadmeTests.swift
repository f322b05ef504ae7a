import Foundation
import TestSupport
import Testing

/// The commands of the README, pasted one after the other into a shell.
@Suite("README") struct ReadmeTests {
    private static let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardizedFileURL

    /// The blocks of a section that hold commands.
    private static func blocks(_ section: String) throws -> [String] {
        let text = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
        let part = try #require(text.components(separatedBy: "\n## ").first { $0.hasPrefix(section) })
        return part.components(separatedBy: "```").enumerated().filter { $0.offset % 2 == 1 }.map(\.element).filter {
            $0.hasPrefix("\nhaldane ") || $0.hasPrefix("\ncurl ")
        }
    }

    @Test("the five minutes work as they are printed, all blocks pasted at once") func fiveMinutes() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createSymbolicLink(
            at: folder.appendingPathComponent("examples"),
            withDestinationURL: Self.root.appendingPathComponent("examples"))
        let ports = { [DeadPort(), DeadPort()].map(\.port) }()
        let (server, proxies) = ("127.0.0.1:\(ports[0])", "127.0.0.1:\(ports[1])")
        let program = folder.appendingPathComponent("haldane")
        try FileManager.default.createSymbolicLink(at: program, withDestinationURL: Program.url)
        let blocks = try Self.blocks("Five minutes")
        #expect(blocks.count >= 7)
        // Only the addresses are others, so that tests don't meet each other.
        let script = blocks.joined().replacingOccurrences(of: "127.0.0.1:4191", with: proxies)
            .replacingOccurrences(of: "127.0.0.1:9090", with: server)
            .replacingOccurrences(of: "haldane proxies ", with: "haldane proxies --listen \(proxies) ")
            .replacingOccurrences(of: "haldane serve ", with: "haldane serve --listen \(server) ")
        let whole = """
            cd '\(folder.path)'
            export PATH="$PWD:$PATH"
            export HALDANE_SERVER=\(server)
            trap 'kill $(jobs -p); wait' EXIT
            \(script)
            """
        let outcome = try await Program.run(executable: "/bin/bash", ["-c", whole])
        for words in [
            "3 targets, 0 down", "podinfo-primary", "└──", "PASS  podinfo.test", "FAIL  podinfo.test", "below minimum",
            "haldane_scrapes_total", "all series: up{", "threshold", "THRESHOLD",
        ] {
            #expect(outcome.output.contains(words), "\(words): \(outcome.output) \(outcome.messages)")
        }
        for words in ["cannot ask", "connection refused", "Usage", "empty result"] {
            #expect(!(outcome.output + outcome.messages).contains(words), "\(words): \(outcome.messages)")
        }
    }
}
