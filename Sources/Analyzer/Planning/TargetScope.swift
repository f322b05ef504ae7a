package import Model
import PromQL

/// Which scrape targets can change the value of some checks.
///
/// A selector's matchers are held against the labels that a target gives to all its series. A label that the target
/// does not have may come from the series, so it excludes nothing.
package struct TargetScope: Sendable {
    private var selectors: [[Matcher]] = []

    /// The targets of these checks. Checks that select nothing concern every target.
    package init(_ checks: [Check]) {
        for query in checks.flatMap({ [$0.prepared, $0.requestCount] }) {
            guard let query else { continue }
            selectors += QuerySelector.all(in: query.expr, at: 0).map(\.matchers)
        }
    }

    /// Whether a scrape of the target may change a value.
    package func includes(_ target: Labels) -> Bool {
        if selectors.isEmpty { return true }
        return selectors.contains { matchers in
            matchers.allSatisfy { matcher in
                let value = target[matcher.name]
                return value.isEmpty || matcher.matches(value)
            }
        }
    }
}
