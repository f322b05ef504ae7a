import AnalysisService
import Analyzer
import Archive
import Console
import Documents
import Model
import NIOCore
import Outbound
import PromQL
import PrometheusAPI
import Scrape
import Server
import TSDB

/// Puts the parts of a server together. The only place that knows them all; it constructs and connects, no more.
struct Assembly {
    /// Where the data lives.
    enum Storage {
        case memory
        case directory(String)
        /// A directory that is only read; nothing is scraped.
        case reading(String)
    }

    /// What a server is made of.
    struct Settings {
        var configuration: ConfigurationFile
        var storage: Storage
        var retention: Milliseconds
        var verdictRetention: Milliseconds
        var flags: [(name: String, value: String)]
        var threads: Int
        /// Where templates may be asked at their own addresses.
        var templateHosts = TemplateHosts()
        /// Ask all of them there.
        var honoursAllTemplates = false
        /// Where the credentials of such templates are.
        var secrets = SecretFiles(path: nil)
        /// Whether `/api/v1/admin` may be used.
        var isAdminEnabled = false
        /// Whether a directory is opened although retention would drop everything in it.
        var dropsExpired = false
        /// Is told what opening a directory found, before anything of it is written down.
        var tell: (RecoveryReport) -> Void = { _ in }

        /// How the Canaries of requests are planned: none of them has credentials sent for it.
        var planning: PlanOptions {
            PlanOptions(templateHosts: templateHosts, honoursAllTemplates: honoursAllTemplates)
        }
    }

    let clock: any WallClock
    let database: Database
    /// The durable side, `nil` in memory.
    let directory: DataDirectory?
    let verdicts: any VerdictStore
    /// Registered Canaries.
    let registered: RegisteredAnalyses
    let scraper: ScrapeManager
    /// Finds targets in files and by HTTP.
    let discovery: DiscoveryList
    private(set) var context: ServerContext

    init(_ settings: Settings, clock: any WallClock) throws {
        self.clock = clock
        var options = DatabaseOptions()
        options.retention = settings.retention
        directory = try Self.directory(settings, options, now: clock.now())
        database = directory?.database ?? Database(options)
        let engine = Engine()
        let pool = EvaluationPool(threads: settings.threads, shortJobSlice: QueryExecution.shortMax)
        let perform = pool.performingMeasurements
        let evaluator = EngineEvaluator(engine, interruption: Turn.interruptionOfCurrent)
        let runner = RemoteQueryRunner(
            embedded: EmbeddedQueryRunner(evaluator, on: database, perform: perform), secrets: settings.secrets)
        let cache = IncrementalQueryCache(engine, else: evaluator, feed: database)
        verdicts = try Self.verdictStore(settings)
        do {
            registered = try RegisteredAnalyses(
                store: verdicts, data: database,
                runner: RemoteQueryRunner(
                    embedded: EmbeddedQueryRunner(cache, on: database, seesLater: false, perform: perform),
                    secrets: settings.secrets),
                cache: cache, clock: clock, planning: settings.planning)
        } catch {
            throw CommandError.unreachable(error.description)
        }
        let environment = ScrapeEnvironment(
            appender: database, clock: clock, userAgent: "haldane/\(Version.number)", listener: registered)
        scraper = ScrapeManager(environment)
        let files = FileDiscovery(sink: scraper, clock: clock) { bytes, path in
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw CommandError.badInput("\(path) is not UTF-8 text")
            }
            guard let document = try YAMLReader.documents(text).first else {
                throw CommandError.badInput("\(path) is empty; wanted a list of target groups")
            }
            return document
        }
        discovery = DiscoveryList([files, HTTPDiscovery(sink: scraper, environment: environment)])
        var context = ServerContext(
            database: database, engine: engine, pool: pool, targets: scraper, clock: clock,
            facts: ServerFacts(
                compatibleVersion: Version.prometheusCompatible, version: Version.number, startTime: clock.now(),
                retention: PrometheusDuration.text(settings.retention),
                configuration: SecretText.hidden(settings.configuration.text), flags: settings.flags),
            runner: runner, registered: registered)
        context.planning = settings.planning
        context.trigger = scraper
        context.storage = directory
        context.snapshotter = directory.map { [verdicts] in SnapshotsWithVerdicts(directory: $0, verdicts: verdicts) }
        context.isAdminEnabled = settings.isAdminEnabled
        if case .reading = settings.storage { context.isReadOnly = true }
        self.context = context
        if !context.isReadOnly { apply(settings.configuration) }
    }

    private static func directory(
        _ settings: Settings, _ options: DatabaseOptions, now: Timestamp
    ) throws -> DataDirectory? {
        do throws(ArchiveError) {
            switch settings.storage {
            case .memory: return nil
            case .directory(let path):
                var archive = ArchiveOptions()
                archive.dropsExpired = settings.dropsExpired
                archive.logEndInterval = 10_000
                return try DataDirectory.open(
                    path, database: options, options: archive, now: now, onRecovery: settings.tell)
            case .reading(let path):
                let directory = try DataDirectory.openReadOnly(path, database: options, now: now)
                settings.tell(directory.report)
                return directory
            }
        } catch {
            throw CommandError.unreachable(error.description)
        }
    }

    /// Takes over a configuration, at the start and when it is read again.
    func apply(_ file: ConfigurationFile) {
        context.facts.configuration.replace(with: SecretText.hidden(file.text), at: clock.now())
        scraper.apply(file.configuration)
        discovery.apply(file.configuration)
    }

    private static func verdictStore(_ settings: Settings) throws -> any VerdictStore {
        do throws(ArchiveError) {
            switch settings.storage {
            case .memory: return MemoryVerdictStore(retention: settings.verdictRetention)
            case .directory(let path): return try VerdictFile(directory: path, retention: settings.verdictRetention)
            case .reading(let path): return try VerdictReader(directory: path)
            }
        } catch {
            throw CommandError.unreachable(error.description)
        }
    }
}

/// Snapshots of a data directory that have the verdicts until now.
private struct SnapshotsWithVerdicts: Snapshotter {
    let directory: DataDirectory
    let verdicts: any VerdictStore

    func snapshot(skippingHead: Bool, at now: Timestamp) throws(StorageError) -> String {
        try verdicts.flush()
        return try directory.snapshot(skippingHead: skippingHead, at: now)
    }
}
