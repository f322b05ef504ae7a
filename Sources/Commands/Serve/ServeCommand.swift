import AnalysisService
import Archive
import ArgumentParser
import Console
import Logging
import Model
import Outbound
import Scrape
import Server
import ServiceLifecycle
import UnixSignals

/// `haldane serve`
package struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the engine: scrape, store, query API, verdict API, page.",
        discussion: """
            --config takes Prometheus's configuration format. Data is kept in --data and survives a crash.

            Examples:
              haldane serve --config prometheus.yaml
              haldane serve --config prometheus.yaml --canaries canaries/
              haldane serve --read-only --data haldane-data/snapshots/20261121T101112Z-4f2c09be61d7a358
              haldane serve --config prometheus.yaml --in-memory --listen 127.0.0.1:9091
            """)

    @Option(help: ArgumentHelp("What to scrape, in Prometheus's format.", valueName: "file"))
    var config: String?

    @Option(help: "Address to serve on; port 0 takes a free one.")
    var listen: String = "127.0.0.1:9090"

    @Option(help: ArgumentHelp("Data directory.", valueName: "dir"))
    var data: String = "haldane-data"

    @Flag(help: "Keep everything in memory; nothing survives the process.")
    var inMemory = false

    @Flag(help: "Only answer from --data: nothing is scraped, taken or changed.")
    var readOnly = false

    @Option(help: "How long samples are kept.")
    var retention: String = "24h"

    @Flag(help: "Start although all data is older than --retention, and let it go.")
    var dropExpired = false

    @Option(help: "How long the verdicts of registered analyses are kept.")
    var verdictRetention: String = "7d"

    @Option(
        help: ArgumentHelp(
            "Register the Canaries of the YAML and JSON files in this folder, and follow what changes there.",
            valueName: "dir"))
    var canaries: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: LogLevel = .info

    @Option(help: "Threads that evaluate queries. Default: one per core.")
    var queryThreads: Int = 0

    @Flag(
        name: .customLong("web.enable-admin-api"),
        help: "Allow POST /api/v1/admin/tsdb/snapshot, which copies the data to DIR/snapshots/NAME.")
    var enableAdminAPI = false

    @Option(
        name: .customLong("web.allowed-host"), parsing: .singleValue,
        help: ArgumentHelp(
            "A further name of this server, which requests that change something may have in Host or Origin. May be repeated.",
            valueName: "host"))
    var allowedHosts: [String] = []

    @Flag(help: "Allow an address beyond loopback although there is no authentication.")
    var insecureListen = false

    private static let queryThreadsMax = 1024

    @OptionGroup var remote: RemoteCheckOptions

    func run() async throws {
        let address = try ListenAddress(listen)
        if !address.isLoopback {
            guard insecureListen else {
                throw CommandError.badInput(
                    "--listen \(listen) can be reached from other machines, and there is no authentication: "
                        + "put a proxy in front, or say --insecure-listen")
            }
            Terminal.message("warning: \(listen) can be reached from other machines without authentication")
        }
        guard queryThreads <= Self.queryThreadsMax else {
            throw CommandError.badInput(
                "--query-threads \(queryThreads): at most \(Self.queryThreadsMax) are wanted, of which each takes a core"
            )
        }
        try DescriptorLimit.raise()
        let kept = try Self.duration(retention, option: "--retention")
        let verdictsKept = try Self.duration(verdictRetention, option: "--verdict-retention")
        let file = try config.map { try ConfigurationFile.load($0) } ?? .none
        if let canaries { try CanaryFolder.check(canaries) }
        if readOnly {
            guard !inMemory else {
                throw CommandError.badInput("--read-only with --in-memory: there is nothing to read")
            }
            if canaries != nil {
                throw CommandError.badInput("--read-only with --canaries: nothing is judged that nobody asks for")
            }
            Terminal.message("--read-only: nothing is scraped, taken or changed; what others write later is not seen")
        } else if config == nil {
            Terminal.message(
                "no --config: nothing is scraped (discovery of Linkerd pods in a cluster is not built yet)")
        }
        var settings = Assembly.Settings(
            configuration: file, storage: inMemory ? .memory : readOnly ? .reading(data) : .directory(data),
            retention: kept,
            verdictRetention: verdictsKept, flags: flags,
            threads: queryThreads > 0 ? queryThreads : ProcessorCount.current)
        settings.templateHosts = try remote.hosts()
        settings.honoursAllTemplates = remote.honourAllTemplates
        settings.secrets = SecretFiles(path: remote.secrets)
        settings.isAdminEnabled = enableAdminAPI
        settings.dropsExpired = dropExpired
        let data = data
        settings.tell = { Terminal.message("\(data): \($0)") }
        let assembly = try Assembly(settings, clock: SystemClock())
        if let aside = (assembly.verdicts as? VerdictFile)?.putAside {
            Terminal.message("warning: the verdict history was damaged; it is now \(aside), and a new one is begun")
        }
        if let damage = assembly.verdicts.statistics().damage { Terminal.message("warning: \(damage)") }
        for problem in assembly.registered.problems { Terminal.message("warning: not taken up again: \(problem)") }
        try await serve(assembly, address)
    }

    private func serve(_ assembly: Assembly, _ address: ListenAddress) async throws {
        let logger = ServeLog.logger(logLevel.level)
        assembly.context.remoteWriteProblems.tell { logger.warning("\($0)") }
        let server = APIServer(
            assembly.context, host: address.host, port: address.port, allowedHosts: allowedHosts)
        let maintenance = Maintenance(assembly, logger: logger)
        var services: [any Service] = [
            ClosureService {
                do {
                    try await cancelWhenGracefulShutdown {
                        try await server.run { port in
                            Terminal.message(
                                "haldane \(Version.number) listening on http://\(address.text(port: port))")
                        }
                    }
                } catch {
                    throw address.failure(error)
                }
            },
            ClosureService { await cancelWhenGracefulShutdown { await assembly.scraper.run() } },
            ClosureService { await cancelWhenGracefulShutdown { await assembly.discovery.run() } },
            ClosureService { await cancelWhenGracefulShutdown { await assembly.registered.run() } },
            TargetProblemLog(assembly, logger: logger),
            ConfigurationReload(path: readOnly ? nil : config, assembly: assembly, logger: logger),
        ]
        if let canaries {
            services.append(CanaryFolderService(path: canaries, assembly.registered, assembly.clock, logger: logger))
        }
        services.append(maintenance)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: ServeLog.quiet))
        do { try await group.run() } catch {
            await maintenance.finish()
            throw error
        }
        await maintenance.finish()
    }

    private var flags: [(name: String, value: String)] {
        [
            ("canaries", canaries ?? ""), ("config", config ?? ""), ("data", inMemory ? "" : data),
            ("honour-all-templates", String(remote.honourAllTemplates)),
            ("honour-template-address", remote.honourTemplateAddress.joined(separator: ",")),
            ("in-memory", String(inMemory)), ("drop-expired", String(dropExpired)), ("read-only", String(readOnly)),
            ("listen", listen), ("log-level", logLevel.rawValue), ("query-threads", String(queryThreads)),
            ("retention", retention), ("verdict-retention", verdictRetention),
            ("secrets", remote.secrets ?? ""),
            ("web.allowed-host", allowedHosts.joined(separator: ",")),
            ("web.enable-admin-api", String(enableAdminAPI)),
        ]
    }

    private static func duration(_ text: String, option: String) throws -> Milliseconds {
        let length: Milliseconds
        do { length = try PrometheusDuration.parse(text) } catch {
            throw CommandError.badInput("\(option): \(error.description)")
        }
        guard length > 0 else { throw CommandError.badInput("\(option): it must be above 0") }
        return length
    }
}
