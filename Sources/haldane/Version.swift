/// Which Haldane this is.
enum Version {
    /// Our own version.
    static let number = "0.1.0"

    /// What `/api/v1/status/buildinfo` reports. Clients read it as Prometheus's version and switch features by it, so
    /// it names the Prometheus whose API and language we follow.
    static let prometheusCompatible = "3.14.0"
}
