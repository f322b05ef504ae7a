import Console
import FoundationEssentials
import Glibc

/// The kernel's figures of a process.
struct ProcessFigures {
    let id: Int32

    /// User and system time so far, in seconds; the resolution is a hundredth.
    func processorSeconds() throws -> Double {
        // The second field is the command in parentheses and may hold anything.
        let fields = try text("stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            throw CommandError.unreachable("/proc/\(id)/stat is not as expected")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Proportional share of the memory in use, and what of it is no file, in bytes.
    package func memory() throws -> (proportional: Double, anonymous: Double) {
        let text = try text("smaps_rollup")
        return (try number("Pss", in: text) * 1_024, try number("Anonymous", in: text) * 1_024)
    }

    /// The most memory that was resident at once, in bytes.
    package func peak() throws -> Double { try number("VmHWM", in: try text("status")) * 1_024 }

    /// Bytes written so far, as `counter` counts them.
    package func written(_ counter: WriteCounter) throws -> Double { try number(counter.rawValue, in: try text("io")) }

    private func number(_ key: String, in text: String) throws -> Double {
        for line in text.split(separator: "\n") where line.hasPrefix(key + ":") {
            if let value = line.dropFirst(key.count + 1).split(whereSeparator: \.isWhitespace).first,
                let number = Double(value)
            {
                return number
            }
        }
        throw CommandError.unreachable("/proc/\(id) tells no \(key)")
    }

    private func text(_ name: String) throws -> String {
        let path = "/proc/\(id)/\(name)"
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw CommandError.unreachable("cannot read \(path): has the process ended, or is this no Linux?")
        }
        return String(decoding: data, as: UTF8.self)
    }
}

/// Which number of `/proc/PID/io` counts the bytes that a process wrote.
package enum WriteCounter: String, Encodable {
    /// Bytes that went to storage, in whole pages.
    case storage = "write_bytes"
    /// Bytes of all writes, sockets included: where the file system does not count the former.
    case all = "wchar"

    /// The one to use for files in `folder`.
    package static func probe(_ folder: String) throws -> WriteCounter {
        let process = ProcessFigures(id: getpid())
        let before = try process.written(.storage)
        try Data(repeating: 1, count: 1 << 20).write(to: URL(fileURLWithPath: folder + "/probe"))
        return try process.written(.storage) > before ? .storage : .all
    }
}
