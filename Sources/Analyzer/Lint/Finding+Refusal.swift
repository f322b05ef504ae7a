extension Finding {
    /// Why objects with these findings are not used: every error, a line each; `nil` where there is none.
    package static func refusal(_ findings: [Finding]) -> String? {
        let errors = findings.filter { $0.severity == .error }
        return errors.isEmpty ? nil : "this can't be used:\n" + errors.map { "  \($0)" }.joined(separator: "\n")
    }
}
