private import Glibc

/// The files that arguments name: files, folders, patterns, and `-` for standard input.
package enum InputPaths {
    /// Most files that one command reads.
    package static let filesMax = 10_000

    /// The files behind these paths, in their order.
    ///
    /// A folder stands for its files with one of the endings, by name, as for kubectl; those of folders inside it are left out.
    /// A path that is no file and holds `*`, `?` or `[` is a pattern, for those whose shell did not expand it. Standard input can
    /// be named once. Bad input is a path that can't be read, and a folder or pattern that stands for nothing.
    package static func expand(_ paths: [String], endings: [String] = ["yaml", "yml", "json"]) throws -> [String] {
        var out: [String] = []
        for path in paths {
            if path == "-" || path == "/dev/stdin" {
                guard !out.contains("-"), !out.contains("/dev/stdin") else {
                    throw CommandError.badInput("standard input is named twice; it can be read once")
                }
                out.append(path)
                continue
            }
            if isFolder(path) {
                out += try files(of: path, endings)
            } else if !exists(path), path.contains(where: { "*?[".contains($0) }) {
                let found = matches(path)
                guard !found.isEmpty else { throw CommandError.badInput("no file matches \(path)") }
                out += try found.flatMap { isFolder($0) ? try files(of: $0, endings) : [$0] }
            } else {
                out.append(path)
            }
            guard out.count <= filesMax else {
                throw CommandError.badInput("\(path) makes more than \(filesMax) files; at most so many are read")
            }
        }
        return out
    }

    /// Whether a path is a folder.
    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    private static func files(of folder: String, _ endings: [String]) throws -> [String] {
        guard let stream = unsafe opendir(folder) else {
            throw CommandError.badInput("cannot read \(folder): \(unsafe String(cString: strerror(errno)))")
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            guard !name.hasPrefix("."), endings.contains(where: { name.hasSuffix("." + $0) }) else { continue }
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            if !isFolder(path) { names.append(path) }
        }
        guard !names.isEmpty else {
            throw CommandError.badInput(
                "no file in \(folder) ends in \(endings.map { "." + $0 }.joined(separator: ", "))")
        }
        return names.sorted()
    }

    private static func matches(_ pattern: String) -> [String] {
        var found = unsafe glob_t()
        defer { unsafe globfree(&found) }
        guard unsafe glob(pattern, 0, nil, &found) == 0 else { return [] }
        return unsafe (0..<Int(found.gl_pathc)).compactMap { index in
            unsafe found.gl_pathv[index].map { unsafe String(cString: $0) }
        }
    }
}
