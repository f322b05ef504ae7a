private import Glibc

/// An open file. Owned by one thread at a time.
struct PosixFile: ~Copyable {
    private let descriptor: Int32
    let path: String

    /// Opens (and creates, with `create`) a file for appending or reading.
    init(_ path: String, writing: Bool, create: Bool = false) throws(ArchiveError) {
        descriptor = try Self.openRegular(path, (writing ? O_RDWR | O_APPEND : O_RDONLY) | (create ? O_CREAT : 0))
        self.path = path
    }

    /// Opens a regular file. Anything else of that name (a FIFO, a device, a directory) is refused, without waiting for
    /// somebody at the other end of it.
    private static func openRegular(_ path: String, _ flags: Int32) throws(ArchiveError) -> Int32 {
        let opened = unsafe open(path, flags | O_NONBLOCK | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw .io(doing: "opening \(path)", reason: Self.reason()) }
        var status = stat()
        let isKnown = unsafe fstat(opened, &status) == 0
        if isKnown, status.st_mode & S_IFMT == S_IFREG { return opened }
        let reason = isKnown ? PosixFolder.notRegular : Self.reason()
        close(opened)
        throw .io(doing: "opening \(path)", reason: reason)
    }

    deinit { close(descriptor) }

    /// Text of the last system error.
    static func reason(_ number: Int32 = errno) -> String { unsafe String(cString: strerror(number)) }

    /// Appends all bytes.
    func write(_ bytes: [UInt8]) throws(ArchiveError) {
        var written = 0
        var failure: Int32 = 0
        unsafe bytes.withUnsafeBytes { buffer in
            while written < buffer.count {
                let count = unsafe Glibc.write(descriptor, buffer.baseAddress! + written, buffer.count - written)
                if count < 0 {
                    if errno == EINTR { continue }
                    failure = errno
                    return
                }
                written += count
            }
        }
        if failure != 0 {
            // What was written of these bytes is cut off again, so that they can be written once more.
            if written > 0, let size = try? size() { _ = ftruncate(descriptor, off_t(size - written)) }
            throw .io(doing: "writing \(path)", reason: Self.reason(failure))
        }
    }

    /// The first `size` bytes of the file, fewer when it is shorter.
    func read(_ size: Int) throws(ArchiveError) -> [UInt8] { try read(at: 0, size) }

    /// Up to `size` bytes from an offset on.
    func read(at offset: Int, _ size: Int) throws(ArchiveError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(size, 1)) { target, count in
            while count < size {
                let got = unsafe pread(descriptor, target.baseAddress! + count, size - count, off_t(offset + count))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { break }
                count += got
            }
        }
        if failure != 0 { throw .io(doing: "reading \(path)", reason: Self.reason(failure)) }
        return bytes
    }

    /// Copies the first `size` bytes to a new file.
    func copy(_ size: Int, to target: String) throws(ArchiveError) {
        let copy = try PosixFile(target, writing: true, create: true)
        var offset = 0
        while offset < size {
            let part = try read(at: offset, min(1 << 20, size - offset))
            if part.isEmpty { break }
            try copy.write(part)
            offset += part.count
        }
    }

    /// Copies a file as long as it is now to a new file.
    static func copy(_ path: String, to target: String) throws(ArchiveError) {
        let source = try PosixFile(path, writing: false)
        try source.copy(try source.size(), to: target)
    }

    /// Writes bytes over the beginning of a file, which is made where there is none.
    static func overwrite(_ path: String, _ bytes: [UInt8]) throws(ArchiveError) {
        let descriptor = try openRegular(path, O_WRONLY | O_CREAT)
        defer { close(descriptor) }
        let count = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        guard count == bytes.count else { throw .io(doing: "writing \(path)", reason: Self.reason()) }
    }

    /// Bytes in the file.
    func size() throws(ArchiveError) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .io(doing: "reading the size of \(path)", reason: Self.reason())
        }
        return Int(status.st_size)
    }

    /// Cuts the file off at `size`.
    func truncate(to size: Int) throws(ArchiveError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else {
            throw .io(doing: "cutting off \(path)", reason: Self.reason())
        }
    }

    /// Takes the file's exclusive lock, which ends with the process; false when another process keeps it for a second. Who
    /// gives it up may do so a moment late: a process that is just being started holds its parent's files until it runs.
    func lock() throws(ArchiveError) -> Bool {
        for _ in 0..<50 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            if errno != EWOULDBLOCK, errno != EINTR { throw .io(doing: "locking \(path)", reason: Self.reason()) }
            usleep(20_000)
        }
        return false
    }

    /// Whether another process holds the exclusive lock. Changes nothing.
    var isLocked: Bool {
        if flock(descriptor, LOCK_SH | LOCK_NB) != 0 { return true }
        flock(descriptor, LOCK_UN)
        return false
    }
}

/// Which file a name leads to.
struct FileIdentity: Equatable {
    private let device: UInt64
    private let number: UInt64

    /// `nil` when nothing is there.
    init?(_ path: String) {
        var status = Glibc.stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
    }
}

/// What is done with names of files.
enum PosixFolder {
    /// Names of the entries, sorted.
    static func names(_ path: String) throws(ArchiveError) -> [String] {
        guard let folder = unsafe opendir(path) else {
            throw .io(doing: "listing \(path)", reason: PosixFile.reason())
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(folder) else {
                // A list that ends early must not look like files that are gone.
                if errno != 0 { throw .io(doing: "listing \(path)", reason: PosixFile.reason()) }
                return names.sorted()
            }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }

    /// Makes a directory where there is none.
    static func make(_ path: String) throws(ArchiveError) {
        if unsafe mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        if errno == EACCES || errno == EROFS || errno == EPERM { throw .notWritable(path: path) }
        throw .io(doing: "making \(path)", reason: PosixFile.reason())
    }

    /// Makes a folder of its own among the temporary files.
    static func makeTemporary() throws(ArchiveError) -> String {
        let base = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var template = Array((base + "/haldane-XXXXXX").utf8CString)
        guard unsafe mkdtemp(&template) != nil else {
            throw .io(doing: "making a folder in \(base)", reason: PosixFile.reason())
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes an empty directory, if it can.
    static func removeFolder(_ path: String) { _ = unsafe rmdir(path) }

    /// Whether anything of this name is there, a symbolic link that leads nowhere included. What can't be looked at for
    /// another reason (permissions, an error of the disk) counts as there: only what is known to be absent may be taken
    /// for a file that was removed.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 || !isAbsence(errno)
    }

    /// `nil` when there is nothing, else whether it is a directory. Throws when that can't be known.
    static func isDirectory(_ path: String) throws(ArchiveError) -> Bool? {
        var status = stat()
        if unsafe stat(path, &status) == 0 { return status.st_mode & S_IFMT == S_IFDIR }
        if isAbsence(errno) { return nil }
        throw .io(doing: "looking at \(path)", reason: PosixFile.reason())
    }

    private static func isAbsence(_ number: Int32) -> Bool { number == ENOENT || number == ENOTDIR }

    /// Why a FIFO, a device or a directory is not opened.
    static let notRegular = "it is not a regular file"

    /// Whether there is something of this name that is no regular file.
    static func isSpecial(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    }

    static func isWritable(_ path: String) -> Bool { unsafe access(path, W_OK | X_OK) == 0 }

    /// Bytes of a file, 0 when it is not there.
    static func size(_ path: String) -> Int {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    static func remove(_ path: String) throws(ArchiveError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw .io(doing: "removing \(path)", reason: PosixFile.reason())
        }
    }

    static func rename(_ path: String, to target: String) throws(ArchiveError) {
        guard unsafe Glibc.rename(path, target) == 0 else {
            throw .io(doing: "renaming \(path)", reason: PosixFile.reason())
        }
    }

    /// Milliseconds of a clock that never jumps, for durations.
    static func monotonicMilliseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
