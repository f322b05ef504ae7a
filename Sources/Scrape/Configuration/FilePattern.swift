/// A path of `file_sd_configs`: it ends in `.json`, `.yml` or `.yaml`, and its last part may hold one `*`.
struct FilePattern: Sendable, Hashable {
    /// The folder, ending in `/`, or empty for the current one.
    let folder: String
    /// What a file name begins with; the whole name when there is no `*`.
    let prefix: String
    /// What it ends with; `nil` when there is no `*`.
    let suffix: String?

    /// `nil` when the path does not have this form.
    init?(_ path: String) {
        guard [".json", ".yml", ".yaml"].contains(where: { path.lowercased().hasSuffix($0) }) else { return nil }
        let bytes = Array(path.utf8)
        let nameStart = (bytes.lastIndex(of: 0x2f) ?? -1) + 1
        folder = String(decoding: bytes[..<nameStart], as: UTF8.self)
        let stars = bytes.indices.filter { bytes[$0] == 0x2a }
        guard let star = stars.first else {
            prefix = String(decoding: bytes[nameStart...], as: UTF8.self)
            suffix = nil
            return
        }
        guard stars.count == 1, star >= nameStart else { return nil }
        prefix = String(decoding: bytes[nameStart..<star], as: UTF8.self)
        suffix = String(decoding: bytes[(star + 1)...], as: UTF8.self)
    }

    /// Whether a file name of the folder matches.
    func matches(_ name: String) -> Bool {
        guard let suffix else { return name.utf8.elementsEqual(prefix.utf8) }
        return name.utf8.count >= prefix.utf8.count + suffix.utf8.count && name.utf8.starts(with: prefix.utf8)
            && name.utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }
}
