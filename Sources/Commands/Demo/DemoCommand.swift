import ArgumentParser
import Console
import Simulator

extension DemoScenario.FaultKind: ExpressibleByArgument {}

/// `haldane demo`
package struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Watch a canary be promoted, or rolled back with a fault. No cluster needed.",
        discussion: """
            Simulated Linkerd proxies on loopback sockets are scraped, stored, judged and shifted traffic between, as \
            in a cluster. The clock runs --speed times faster; intervals, windows and timestamps keep their sizes.

            Examples:
              haldane demo --speed 20
              haldane demo --fault error --speed 20
              haldane demo --fault latency --speed 20
            """)

    @Option(help: "What is wrong with the new revision: error, latency or none.")
    var fault: DemoScenario.FaultKind = .none

    @Option(help: "How many times faster than real time, 1 to 200.")
    var speed: Double = 20

    @Option(help: "Seed of the simulated traffic.")
    var seed: UInt64 = 1

    func run() async throws {
        guard speed >= 1, speed <= 200 else {
            throw CommandError.badInput("--speed \(speed): wanted 1 to 200 (sockets and scrapes don't run faster)")
        }
        let ending = try await DemoRun(fault: fault, speed: speed, seed: seed).run()
        let expected: DemoRun.Ending = fault == .none ? .promoted : .rolledBack
        guard ending == expected else {
            Terminal.message(
                "haldane: the demo ended otherwise than planned; is the machine too busy for --speed \(speed)?")
            throw CommandError.failed
        }
    }
}
