import ArgumentParser
import Commands
import Model

/// The program: `haldane COMMAND ...`.
struct Haldane: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "haldane",
        abstract: "Canary metrics and verdicts for Linkerd, in one binary.",
        discussion: """
            Scrapes Linkerd proxies, keeps hours of samples in little space, answers PromQL as Prometheus does, \
            and says whether a canary is healthy, and why.

            Exit codes: 0 fine or pass; 1 fail verdict or failed test; 2 usage or bad input; 3 inconclusive; \
            4 something needed can't be reached or used (server, port, data directory).
            """,
        version: Version.number,
        subcommands: [
            ServeCommand.self, QueryCommand.self, AnalyzeCommand.self, ReplayCommand.self, LintCommand.self,
            TestCommand.self, TargetsCommand.self, VerdictsCommand.self, WhyCommand.self, StatCommand.self,
            RoutesCommand.self, TapCommand.self,
            ProxiesCommand.self, DemoCommand.self, BenchCommand.self,
        ])
}
