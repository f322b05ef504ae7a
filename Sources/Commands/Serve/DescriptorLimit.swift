private import Glibc

/// How many files and connections the process may have open.
enum DescriptorLimit {
    /// What a server with every limit reached needs: connections of clients, targets, and files. A hard limit beyond it
    /// is left alone.
    private static let wanted: rlim_t = 1 << 16

    /// Raises the limit to what the system allows this process, as it is the case with most programs that serve: the
    /// customary 1,024 is fewer than the clients that may wait for verdicts. Returns the limit.
    @discardableResult
    static func raise() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        let aim = min(limit.rlim_max, wanted)
        if limit.rlim_cur < aim {
            var raised = limit
            raised.rlim_cur = aim
            if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
