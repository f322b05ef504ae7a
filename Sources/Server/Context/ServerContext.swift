package import AnalysisService
package import Analyzer
package import Model
package import PromQL
package import TSDB

/// What the routes work with. Made once, where the program is wired.
package struct ServerContext: Sendable {
    /// The data.
    package var database: Database
    /// The language.
    package var engine: Engine
    /// Where queries are evaluated.
    package var pool: EvaluationPool
    /// The targets, where anything is scraped.
    package var targets: (any TargetStatusSource)?
    /// The present.
    package var clock: any WallClock
    /// Facts for the status pages.
    package var facts: ServerFacts
    /// Where the store is asked for what takes no evaluation, such as label values, so that these answers wait for no query.
    package let lookups = EvaluationPool(threads: 2)
    /// Where remote writes are stored: no query holds them up.
    package let writes = EvaluationPool(threads: 2)
    /// Where long answers are written as JSON, piece by piece as their clients take them.
    package let encoders = EvaluationPool(threads: 1)
    /// What long answers hold in memory until their clients have read them.
    package let answers: ByteBudget
    /// Counters of the server's own work.
    package let metrics = ServerMetrics()
    /// What remote writes leave out.
    package let remoteWriteProblems = RemoteWriteProblems()
    /// Queries that were asked lately.
    package let recentQueries = RecentQueries()
    /// Answers the queries of checks.
    package var runner: any QueryRunner
    /// How checks are planned, where a request says nothing else.
    package var planning = PlanOptions()
    /// Scrapes out of turn before a check; `nil` where nothing is scraped.
    package var trigger: (any ScrapeTrigger)?
    /// How the data directory is; `nil` when everything is kept in memory.
    package var storage: (any StorageStatusSource)?
    /// Who makes snapshots of the data directory.
    package var snapshotter: (any Snapshotter)?
    /// Whether the data is only read: routes that write answer with an error.
    package var isReadOnly = false
    /// Whether `/api/v1/admin` may be used.
    package var isAdminEnabled = false
    /// Who may ask for what; `nil` where everybody may who reaches the address. What needs the right to administer is there
    /// only where an option turns it on.
    package var authorizer: (any Authorizer)?
    /// The registered Canaries; `nil` for a server without them.
    package var registered: RegisteredAnalyses?

    /// Most bytes that the answers of all clients hold together.
    package static let answerBytesMax = 512 << 20

    /// A context.
    package init(
        database: Database, engine: Engine, pool: EvaluationPool, targets: (any TargetStatusSource)?,
        clock: any WallClock, facts: ServerFacts, runner: any QueryRunner,
        registered: RegisteredAnalyses? = nil,
        answers: ByteBudget = ByteBudget(limit: answerBytesMax, takesOneLarger: true)
    ) {
        self.answers = answers
        self.database = database
        self.engine = engine
        self.pool = pool
        self.targets = targets
        self.clock = clock
        self.facts = facts
        self.runner = runner
        self.registered = registered
    }
}

extension ServerContext {
    /// What a server that only reads answers to who wants to write. 503, so that a sender keeps its samples for another one.
    static let readOnlyRefusal =
        "this server was started with --read-only: it answers from its data and takes nothing new"

    /// Throws where nothing may be written.
    func checkWritable() throws(APIError) { if isReadOnly { throw .unavailable(Self.readOnlyRefusal) } }
}

/// What the status routes tell about this server.
package struct ServerFacts: Sendable {
    /// Version of the Prometheus whose API this is.
    package var compatibleVersion: String
    /// Our own version.
    package var version: String
    /// When the server started.
    package var startTime: Timestamp
    /// How long data is kept, as text.
    package var retention: String
    /// The configuration in force.
    package let configuration: LoadedConfiguration
    /// Options and their values, as given or by default.
    package var flags: [(name: String, value: String)]
    /// Time after which a query is given up, unless the request asks for less.
    package var queryTimeout: Milliseconds

    /// Facts.
    package init(
        compatibleVersion: String, version: String, startTime: Timestamp, retention: String, configuration: String,
        flags: [(name: String, value: String)], queryTimeout: Milliseconds = 120_000
    ) {
        self.compatibleVersion = compatibleVersion
        self.version = version
        self.startTime = startTime
        self.retention = retention
        self.configuration = LoadedConfiguration(configuration, at: startTime)
        self.flags = flags
        self.queryTimeout = queryTimeout
    }
}
