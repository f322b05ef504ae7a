import Console
private import Glibc
private import NIOCore

/// How many files and connections the process may have open.
enum DescriptorLimit {
    /// What a server with every limit reached needs: connections of clients, targets, and files. A hard limit beyond it
    /// is left alone.
    private static let wanted: rlim_t = 1 << 16

    /// Files that a server opens at its start, about: the data directory's, sockets, and what the libraries need.
    private static let needed = 36
    /// Likewise for each processor: two event loops with three files each.
    private static let neededPerProcessor = 6

    /// Raises the limit to what the system allows this process, as it is the case with most programs that serve: the
    /// customary 1,024 is fewer than the clients that may wait for verdicts. Throws when even that is too few to begin with:
    /// an event loop that gets no file ends the process.
    static func raise() throws(CommandError) {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        let aim = min(limit.rlim_max, wanted)
        if limit.rlim_cur < aim {
            var raised = limit
            raised.rlim_cur = aim
            if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        let least = needed + neededPerProcessor * System.coreCount
        guard limit.rlim_cur < rlim_t(least) else { return }
        throw .unreachable(
            "this process may open \(limit.rlim_cur) files at a time (ulimit -n), and serve needs at least \(least): "
                + "raise the limit")
    }
}
