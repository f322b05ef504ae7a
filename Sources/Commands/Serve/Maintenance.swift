import AnalysisService
import Archive
import Logging
import Model
import Server
import ServiceLifecycle
import Synchronization
import TSDB

/// Runs a round of `StoreMaintenance` once a second, and every other second one with verdicts, because their newest blocks
/// are written anew each time. File work runs on a thread of its own. A failure (a full disk) is logged once, and again
/// when it is over; scraping and answering go on.
struct Maintenance: Service {
    private let database: Database
    private let steps: StoreMaintenance
    private let newestSample: Timestamp?
    private let clock: any WallClock
    private let logger: Logger
    /// What sealing and queries have left behind need not stay for long.
    private static let ticksBetweenTrims = 3
    private let thread = EvaluationPool(threads: 1, waitingMax: 4)
    private let began = ContinuousClock.now

    init(_ assembly: Assembly, logger: Logger) {
        database = assembly.database
        steps =
            assembly.directory.map { StoreMaintenance($0, verdicts: assembly.verdicts) }
            ?? StoreMaintenance(inMemory: assembly.database, verdicts: assembly.verdicts)
        newestSample = assembly.directory?.report.newestSample
        clock = assembly.clock
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var isFailing = false
            var ticks = 0
            var retention = RetentionClock(newestSample: newestSample, uptime: uptime)
            var damage = DamageLog()
            while !Task.isCancelled {
                ticks += 1
                let now = clock.now()
                let failure = await tick(
                    now, retentionTime: retention.time(now: now, uptime: uptime), withVerdicts: ticks % 2 == 0)
                if let failure, !isFailing {
                    let bytes = database.options.limits.bytes >> 20
                    logger.error(
                        "\(failure.description); samples are kept in memory (at most \(bytes) MiB) until it works again"
                    )
                } else if failure == nil, isFailing {
                    logger.notice("writing the data directory works again")
                }
                isFailing = failure != nil
                if ticks % Self.ticksBetweenTrims == 0 {
                    steps.trimCaches()
                    if let parts = await damagedParts() { damage.tell(parts, to: logger) }
                    Heap.trim()
                }
                do { try await clock.sleep(until: clock.now() + 1000) } catch { return }
            }
        }
    }

    /// Milliseconds since the start, whatever the wall clock is set to meanwhile.
    private var uptime: Milliseconds { Milliseconds((ContinuousClock.now - began) / .milliseconds(1)) }

    private func tick(
        _ now: Timestamp, retentionTime: Timestamp, withVerdicts: Bool
    ) async -> StorageError? {
        let steps = steps
        let outcome = try? await thread.run { () -> StorageError? in
            do throws(StorageError) {
                try steps.run(now: now, retentionTime: retentionTime, withVerdicts: withVerdicts)
                return nil
            } catch {
                return error
            }
        }
        return outcome ?? nil
    }

    /// Waits for locks that a stalled disk may hold, so on the thread for file work.
    private func damagedParts() async -> [DamagedPart]? {
        let database = database
        return try? await thread.run { () -> [DamagedPart] in database.damagedParts }
    }

    /// Writes what is left, at the end of the program.
    func finish() async {
        let now = clock.now()
        let steps = steps
        let failure = try? await thread.run { () -> StorageError? in
            do throws(StorageError) {
                try steps.finish(now: now)
            } catch {
                return error
            }
            return nil
        }
        if let failure = failure ?? nil {
            logger.error("\(failure.description); what is not written is lost with the end of the program")
        }
    }
}
