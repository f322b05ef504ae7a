import Analyzer
import ArgumentParser
import Console
import FlaggerAPI
import Model

/// Options of the commands that evaluate checks: whether templates are asked at their own addresses, and how.
struct RemoteCheckOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            A host at which MetricTemplates may be asked over HTTP instead of being evaluated here, by Canaries with the \
            annotation haldane.dev/query-address: honour; may be repeated. Default: none.
            """, valueName: "host[:port]"))
    var honourTemplateAddress: [String] = []

    @Flag(help: "Ask all templates with an address at such a host, whether their Canary has the annotation or not.")
    var honourAllTemplates = false

    @Option(
        help: ArgumentHelp(
            "Secrets that such templates name: a directory with NAMESPACE/NAME/KEY files, or a YAML file of Secrets.",
            valueName: "path"))
    var secrets: String?

    /// The allow-list.
    func hosts() throws -> TemplateHosts {
        for text in honourTemplateAddress where TemplateHosts([text]) == nil {
            throw CommandError.badInput(
                "--honour-template-address \(WebAddress.shown(text)): wanted HOST or HOST:PORT, such as mimir.metrics:8080"
            )
        }
        return TemplateHosts(honourTemplateAddress) ?? TemplateHosts()
    }

    /// The arguments without a `--honour-template-address` that has no value, which names no host.
    static func withoutBare(_ arguments: [String]) -> [String] {
        arguments.indices.filter { index in
            guard arguments[index] == "--honour-template-address" else { return true }
            return arguments.indices.contains(index + 1) && !arguments[index + 1].hasPrefix("-")
        }.map { arguments[$0] }
    }
}
