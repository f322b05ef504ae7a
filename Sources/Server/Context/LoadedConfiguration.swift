package import Model
private import Synchronization

/// The configuration that the server runs with, as the status routes show it; a reload replaces it.
package final class LoadedConfiguration: Sendable {
    /// What the status routes tell.
    package struct Status: Sendable {
        /// The configuration as YAML, secrets hidden.
        package var text: String
        /// When it was taken over.
        package var time: Timestamp
        /// Whether the newest attempt to read the file succeeded. The configuration before a failed one stays in force.
        package var isCurrent: Bool
    }

    private let state: Mutex<Status>

    /// The configuration of the start.
    package init(_ text: String, at time: Timestamp) {
        state = Mutex(Status(text: text, time: time, isCurrent: true))
    }

    /// The present status.
    package var status: Status { state.withLock { $0 } }

    /// Another configuration is in force.
    package func replace(with text: String, at time: Timestamp) {
        state.withLock { $0 = Status(text: text, time: time, isCurrent: true) }
    }

    /// The file could not be used.
    package func noteFailure() { state.withLock { $0.isCurrent = false } }
}
