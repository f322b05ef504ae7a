import AnalysisService
import Analyzer
import Logging
import Model
import ServiceLifecycle

/// Keeps the registered Canaries as the files of a folder have them: added, changed and removed ones follow within
/// seconds. The folder decides about its Canaries: what others do to them by the API is undone.
struct CanaryFolderService: Service {
    /// Time between two looks at the folder.
    private static let interval: Milliseconds = 2000

    private let path: String
    private let registered: RegisteredAnalyses
    private let clock: any WallClock
    private let logger: Logger
    private let thread = EvaluationPool(threads: 1, waitingMax: 4)

    init(path: String, _ registered: RegisteredAnalyses, _ clock: any WallClock, logger: Logger) {
        self.path = path
        self.registered = registered
        self.clock = clock
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var folder = CanaryFolder(path: path)
            var state = CanaryFolderState()
            while !Task.isCancelled {
                let before = (folder, state)
                let after = try? await thread.run { () -> (CanaryFolder, CanaryFolderState) in
                    var (folder, state) = before
                    let found = folder.read()
                    state.apply(found, problems: folder.problems, to: registered, now: clock.now(), logger: logger)
                    return (folder, state)
                }
                if let after { (folder, state) = after }
                do { try await clock.sleep(until: clock.now() + Self.interval) } catch { return }
            }
        }
    }
}

/// What was registered of the folder, and what was said of it.
struct CanaryFolderState {
    private struct Kept {
        var body: [UInt8]
        /// When it was registered; a later time is of somebody else's registration.
        var at: Timestamp
    }

    private var kept: [AnalysisName: Kept] = [:]
    private var told: Set<String> = []

    /// Registers what is new or changed, and deletes what is gone. `nil` leaves everything as it is.
    mutating func apply(
        _ found: [CanaryFolder.Registration]?, problems: [String], to registered: RegisteredAnalyses, now: Timestamp,
        logger: Logger
    ) {
        var problems = problems
        for one in found ?? [] where !isInForce(one, registered) {
            let registration = StoredRegistration(name: one.name, body: one.body, isYAML: false, registeredAt: now)
            do throws(RegistrationError) {
                let isNew = try registered.register(registration, isOwn: true).isNew
                logger.notice("\(one.file): Canary \(one.name.text) is \(isNew ? "registered" : "registered anew")")
                kept[one.name] = Kept(body: one.body, at: now)
            } catch {
                let before = kept[one.name] != nil
                problems.append(
                    "\(one.file): Canary \(one.name.text) can't be registered: \(error.message)"
                        + (before ? "; the one before stays in force" : ""))
            }
        }
        if let found {
            let names = Set(found.map(\.name))
            for name in kept.keys.sorted() where !names.contains(name) {
                kept[name] = nil
                do throws(AnalysisError) {
                    try registered.delete(name)
                    logger.notice("Canary \(name.text) is no longer in the folder, and no longer registered")
                } catch {
                    logger.warning("Canary \(name.text) is no longer in the folder, and could not be deleted: \(error)")
                }
            }
        }
        for problem in problems where !told.contains(problem) { logger.warning("\(problem)") }
        told = Set(problems)
    }

    private func isInForce(_ one: CanaryFolder.Registration, _ registered: RegisteredAnalyses) -> Bool {
        guard let before = kept[one.name], before.body == one.body else { return false }
        return (try? registered.analysis(one.name))?.registration.registeredAt == before.at
    }
}
