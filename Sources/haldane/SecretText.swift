/// Keeps secrets of a configuration off the status page.
enum SecretText {
    private static let keys = ["password", "bearer_token", "credentials", "client_secret", "secret"]

    /// The text with the values of secret keys replaced by `<secret>`, as Prometheus shows them.
    static func hidden(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            for key in keys {
                guard let found = line.firstRange(of: "\(key):") else { continue }
                let before = line[..<found.lowerBound]
                let value = line[found.upperBound...]
                if before.allSatisfy({ " -\"'{,".contains($0) }), value.contains(where: { $0 != " " }) {
                    return "\(line[..<found.upperBound]) <secret>"
                }
            }
            return String(line)
        }.joined(separator: "\n")
    }
}
