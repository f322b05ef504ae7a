import Logging
import Scrape
import Server
import ServiceLifecycle
import UnixSignals

/// Reads the configuration file again on SIGHUP, as Prometheus does. A file that can't be used changes nothing: the log
/// says why, and `/api/v1/status/runtimeinfo` has `reloadConfigSuccess` false.
struct ConfigurationReload: Service {
    /// Signals that end a process by default and mean nothing to this one.
    private static let unused: [UnixSignal] = [.sigusr1, .sigusr2, .sigalrm]

    let path: String?
    let assembly: Assembly
    let logger: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: [.sighup] + Self.unused)
        await cancelWhenGracefulShutdown {
            for await signal in signals {
                if signal == .sighup { reload() } else { logger.notice("\(signal) is ignored") }
            }
        }
    }

    private func reload() {
        guard let path else {
            logger.notice("SIGHUP: there is no --config to read again")
            return
        }
        do {
            let file = try ConfigurationFile.load(path)
            assembly.apply(file)
            logger.notice("\(path): read again, \(file.configuration.jobs.count) scrape jobs")
        } catch {
            assembly.context.facts.configuration.noteFailure()
            logger.error("\(path): the configuration before stays in force: \(error)")
        }
    }
}
