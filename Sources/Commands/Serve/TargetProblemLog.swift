import Logging
import Model
import Scrape
import ServiceLifecycle

/// Logs why some of what was found is not scraped, each reason once for as long as it lasts.
struct TargetProblemLog: Service {
    private static let interval: Milliseconds = 5000
    private let assembly: Assembly
    private let logger: Logger

    init(_ assembly: Assembly, logger: Logger) {
        self.assembly = assembly
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var told: Set<String> = []
            while !Task.isCancelled {
                let problems = assembly.scraper.problems() + assembly.discovery.problems()
                for problem in problems where !told.contains(problem) { logger.warning("\(problem)") }
                told = Set(problems)
                let now = assembly.clock.now()
                do { try await assembly.clock.sleep(until: now + Self.interval) } catch { return }
            }
        }
    }
}
