private import CMalloc

/// How the allocator is set up. Its defaults suit programs with many busy threads: an arena per thread, each of which keeps
/// what it once had. Here few threads work at a time, and what a query took is to be given back.
enum Heap {
    /// Arenas of the process.
    private static let arenas: Int32 = 2
    /// Larger pieces are mapped on their own and go back to the system when they are freed. Sealing a target and answering
    /// about a fleet take such pieces, which would lie between small ones that stay.
    private static let mappedFrom: Int32 = 128 << 10
    /// Free bytes at the end of an arena that may stay there.
    private static let keptAtEnd: Int32 = 256 << 10

    /// To be called before other threads begin.
    static func configure() {
        mallopt(M_ARENA_MAX, arenas)
        mallopt(M_MMAP_THRESHOLD, mappedFrom)
        mallopt(M_TRIM_THRESHOLD, keptAtEnd)
    }

    /// Gives pages without anything in use back to the system, wherever they lie. Takes well under a millisecond for the
    /// tens of megabytes a server has.
    static func trim() { malloc_trim(0) }
}
