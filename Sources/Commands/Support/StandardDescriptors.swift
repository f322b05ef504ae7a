private import Glibc

/// The file descriptors 0, 1 and 2, which a parent may have closed (`haldane serve 2>&-`).
enum StandardDescriptors {
    /// Opens `/dev/null` on those that are closed. Otherwise the next files to be opened, of the data directory for example,
    /// would get their numbers, and what is meant for stdout and stderr would be written into them. To be called before
    /// anything else opens a file.
    ///
    /// Each is opened for the direction that nobody uses, so that reading stdin, or writing stdout or stderr, fails with
    /// EBADF as on the closed one: a command whose output goes nowhere still says so in its exit code.
    static func openClosed() {
        for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
            // The lowest free number is used, and those below are open by now.
            let opened = unsafe open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
            // Without it no file can be opened safely, and there is nowhere to say so.
            guard opened == descriptor else { _exit(unusableExitCode) }
        }
    }

    /// The exit code of a program that can't use what it needs.
    private static let unusableExitCode: Int32 = 4
}
