/// The receiver of the targets that discoveries find.
///
/// Users: `ScrapeManager` scrapes them; the discovery tests only note them. Every `TargetDiscovery` calls it.
package protocol TargetSink: Sendable {
    /// Replaces what one discovery has found for a job.
    ///
    /// - Parameters:
    ///   - groups: everything that the discovery knows now; empty when it finds nothing any more.
    ///   - job: the job's name. Groups of a job that the sink does not have are ignored.
    ///   - discovery: the discovery's name, such as `file`. Findings of several discoveries for one job add up.
    func setGroups(_ groups: [TargetGroup], ofJob job: String, from discovery: String)
}
