/// Which Haldane this is.
package enum Version {
    /// Our own version.
    package static let number = "0.1.0"

    /// What `/api/v1/status/buildinfo` reports. Clients read it as Prometheus's version and switch features by it, so
    /// it names the Prometheus whose API and language we follow.
    package static let prometheusCompatible = "3.14.0"
}
