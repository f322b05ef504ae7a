private import Glibc

/// How many processors this process may use.
package enum ProcessorCount {
    /// At least 1.
    package static var current: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
