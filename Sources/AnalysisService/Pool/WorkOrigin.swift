/// For whom work is done, and until when it is of use. Bound around everything that a request, or an evaluation of a
/// registered Canary, causes, so that it holds wherever that hands work to a pool.
package struct WorkOrigin: Sendable {
    /// Clients with the same text share a line where work has to wait: the address of a connection, without its port.
    package var client: String
    /// Nobody wants the result after this.
    package var deadline: ContinuousClock.Instant?

    /// An origin.
    package init(client: String = "", deadline: ContinuousClock.Instant? = nil) {
        self.client = client
        self.deadline = deadline
    }

    /// The origin of what is being done.
    @TaskLocal package static var current = WorkOrigin()
}
