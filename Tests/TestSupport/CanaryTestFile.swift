/// A file of unit tests for Canaries, for the tests of its runner and of `haldane test`.
package enum CanaryTestFile {
    /// A file with the given tests of `objects`.
    package static func text(_ tests: String, head: String = objects) -> String {
        "\(head)tests:\n" + tests.split(separator: "\n").map { "  \($0)\n" }.joined()
    }

    /// A Canary that wants a value of `x` of at least 5 and at most 10.
    package static let objects = """
        objects:
          - apiVersion: flagger.app/v1beta1
            kind: Canary
            metadata: {name: podinfo, namespace: test}
            spec:
              targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
              service: {port: 80}
              analysis:
                interval: 1m
                threshold: 1
                stepWeight: 10
                metrics: [{name: level, query: 'x{deployment="podinfo"}', thresholdRange: {min: 5, max: 10}}]

        """

    /// An entry of `tests`: a series and the given expectations.
    package static func test(_ expectation: String, values: String = "1+1x20") -> String {
        """
        - input_series: [{series: 'x{deployment="podinfo"}', values: '\(values)'}]
          analysis_test: [\(expectation)]
        """
    }
}
