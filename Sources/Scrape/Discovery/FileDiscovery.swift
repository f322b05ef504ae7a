package import Documents
private import FoundationEssentials
package import Model
private import Synchronization

/// Discovery of targets in files (`file_sd_configs`).
///
/// The files are looked at every 5 s, and a file is read when its size or time of change differs. A file that can't be read keeps
/// its targets; a file that is gone loses them.
package final class FileDiscovery: TargetDiscovery {
    /// Turns the bytes of a YAML or JSON file into a node; the text is its path, for messages.
    package typealias Parse = @Sendable ([UInt8], String) throws -> Node

    /// Nominal time between looks at the files.
    package static let interval: Milliseconds = 5000
    /// Bytes a file may have.
    private static let fileBytesMax = 16 << 20

    private struct File {
        /// Size and time of the last change.
        var stamp: String
        var groups: [TargetGroup]
        var problem: String?
    }

    private struct State {
        var patterns: [ExactText: [FilePattern]] = [:]
        var files: [String: File] = [:]
    }

    private let sink: any TargetSink
    private let clock: any WallClock
    private let parse: Parse
    private let state = Mutex(State())

    /// A discovery without jobs that hands what it finds to `sink`.
    package init(sink: any TargetSink, clock: any WallClock, parse: @escaping Parse) {
        self.sink = sink
        self.clock = clock
        self.parse = parse
    }

    package func apply(_ configuration: ScrapeConfiguration) {
        state.withLock { state in
            state.patterns = [:]
            for job in configuration.jobs where !job.targetFiles.isEmpty {
                state.patterns[ExactText(job.name)] = job.targetFiles.compactMap(FilePattern.init)
            }
        }
        refresh()
    }

    package func run() async {
        while !Task.isCancelled {
            refresh()
            do {
                try await clock.sleep(until: clock.now() + Self.interval)
            } catch {
                return
            }
        }
    }

    /// Looks at the files once and hands what they list to the sink.
    package func refresh() {
        state.withLock { state in
            var seen: [String: File] = [:]
            for (job, patterns) in state.patterns {
                var groups: [TargetGroup] = []
                for path in Self.paths(patterns) {
                    let file = seen[path] ?? read(path, before: state.files[path])
                    seen[path] = file
                    groups += file.groups
                }
                sink.setGroups(groups, ofJob: job.text, from: "file")
            }
            state.files = seen
        }
    }

    package func problems() -> [String] {
        state.withLock { $0.files.values.compactMap(\.problem) }.sorted { $0.precedesByBytes($1) }
    }

    private static func paths(_ patterns: [FilePattern]) -> [String] {
        var out: [String] = []
        for pattern in patterns {
            if pattern.suffix == nil {
                let path = pattern.folder + pattern.prefix
                if FileManager.default.fileExists(atPath: path) { out.append(path) }
                continue
            }
            let folder = pattern.folder.isEmpty ? "." : pattern.folder
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            out += names.filter(pattern.matches).map { pattern.folder + $0 }
        }
        return Set(out).sorted { $0.precedesByBytes($1) }
    }

    private func read(_ path: String, before: File?) -> File {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let size = attributes?[.size] as? Int ?? -1
        let changed = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        let stamp = "\(size) \(changed)"
        if let before, before.stamp.equalsByBytes(stamp) { return before }
        do {
            guard size <= Self.fileBytesMax else {
                return File(stamp: stamp, groups: before?.groups ?? [], problem: "\(path): larger than 16 MiB")
            }
            let bytes = Array(try Data(contentsOf: URL(filePath: path)))
            let (groups, problem) = Self.groups(try parse(bytes, path), path)
            let kept = problem == nil ? groups : before?.groups ?? []
            return File(stamp: stamp, groups: kept, problem: problem)
        } catch {
            return File(stamp: stamp, groups: before?.groups ?? [], problem: "\(path): \(error)")
        }
    }

    private static func groups(_ node: Node, _ path: String) -> ([TargetGroup], String?) {
        var reader = NodeReader()
        var out: [TargetGroup] = []
        for (index, item) in reader.list(node, "a file of targets").enumerated() {
            var group = JobDecoder.targets(item, source: "\(path):\(index)", &reader)
            group.labels["__meta_filepath"] = path
            out.append(group)
        }
        return (out, reader.firstError.map { "\(path):\($0.locatedMessage)" })
    }
}
