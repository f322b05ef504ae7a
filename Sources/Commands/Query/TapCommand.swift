import ArgumentParser
import Console

/// `haldane tap`, which is here to say why it is not: people look for it.
package struct TapCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tap", abstract: "Not available: single requests can't be had from metrics.",
        discussion: explanation, shouldDisplay: false)

    private static let explanation = """
        `linkerd viz tap` streams single requests out of the proxies through Linkerd's own tap API. Haldane reads \
        /metrics, which holds counts and no requests.

        Instead:
          haldane stat deploy/NAME -n NS -w              success, requests per second and latency, again every 2 s
          haldane stat po -n NS --from deploy/CLIENT -w  the same per pod that a client calls
          haldane routes deploy/NAME -n NS               the same per route
          linkerd viz tap deploy/NAME -n NS              where the viz extension is installed
        """

    @Argument(parsing: .captureForPassthrough, help: .hidden)
    var arguments: [String] = []

    func run() throws { throw CommandError.badInput("there is no tap here.\n\(Self.explanation)") }
}
