import FoundationEssentials
import Glibc

/// What the kernel tells of a process.
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
    func memory() throws -> (proportional: Double, anonymous: Double) {
        let text = try text("smaps_rollup")
        return (try kilobytes("Pss", in: text) * 1_024, try kilobytes("Anonymous", in: text) * 1_024)
    }

    /// The most memory that was resident at once, in bytes.
    func peak() throws -> Double { try kilobytes("VmHWM", in: try text("status")) * 1_024 }

    /// Bytes that went to storage, and bytes of all writes, sockets included.
    func written() throws -> (storage: Double, all: Double) {
        let text = try text("io")
        return (try number("write_bytes", in: text), try number("wchar", in: text))
    }

    private func kilobytes(_ key: String, in text: String) throws -> Double { try number(key, in: text) }

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
