import Console
import FoundationEssentials
import Model

/// Where a benchmark ran, and what.
package struct BenchMachine: Encodable {
    var processors: String
    var kernel: String
    var load: String
    /// What "written" counts.
    package var writeCounter: WriteCounter
    /// Name and version of each server.
    package var servers: [String]

    /// Asks the machine and the programs.
    package init(_ programs: [(kind: PeerKind, path: String)], folder: String) throws {
        let model = Self.text("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }
        let name = model?.split(separator: ":").last.map { $0.drop { $0 == " " } } ?? "unknown processor"
        processors = "\(ProcessorCount.current) x \(name)"
        kernel = "Linux " + (Self.text("/proc/sys/kernel/osrelease").split(separator: "\n").first ?? "")
        load = Self.text("/proc/loadavg").split(separator: " ").prefix(3).joined(separator: " ")
        writeCounter = try WriteCounter.probe(folder)
        servers = []
        for program in programs {
            let log = "\(folder)/\(program.kind.rawValue).version"
            let process = try ChildProcess(program.path, [program.kind.versionArgument], log: log)
            process.wait()
            let lines = Self.text(log).split(separator: "\n").filter { !$0.isEmpty }
            let words = lines.first?.split(separator: " ").filter { !$0.hasPrefix("(") }.prefix(3).joined(
                separator: " ")
            servers.append("\(program.kind.rawValue): \(words ?? "version not told")")
        }
    }

    /// One line per fact.
    package var lines: [String] {
        ["machine: \(processors), \(kernel), load average \(load) at the start"] + servers
            + ["written: \(writeCounter.rawValue) of /proc/PID/io"]
    }

    private static func text(_ path: String) -> String {
        (try? Data(contentsOf: URL(fileURLWithPath: path))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
