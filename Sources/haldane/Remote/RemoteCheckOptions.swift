import ArgumentParser

/// Options of the commands that evaluate checks: whether templates are asked at their own addresses, and how.
struct RemoteCheckOptions: ParsableArguments {
    @Flag(
        help: """
            Ask MetricTemplates at their own addresses over HTTP instead of evaluating them here. A Canary can say so for \
            itself with the annotation haldane.dev/query-address: honour.
            """)
    var honourTemplateAddress = false

    @Option(
        help: ArgumentHelp(
            "Secrets that such templates name: a directory with NAMESPACE/NAME/KEY files, or a YAML file of Secrets.",
            valueName: "path"))
    var secrets: String?
}
