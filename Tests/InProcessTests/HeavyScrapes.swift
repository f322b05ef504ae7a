import NIOPosix

/// A loop for tests that scrape a lot: in a debug build reading a body takes long, and the scrapes of other tests would
/// wait for it.
enum HeavyScrapes {
    static let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
}
