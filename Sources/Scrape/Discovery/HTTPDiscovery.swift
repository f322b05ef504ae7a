internal import Documents
internal import Model
private import NIOCore
private import NIOPosix
private import Synchronization

/// Discovery of targets by HTTP (`http_sd_configs`).
///
/// Each server is asked at its own interval. A server that does not answer as it should keeps the targets it last listed.
package final class HTTPDiscovery: TargetDiscovery {
    /// One server of one job.
    private struct Source: Sendable {
        var job: String
        var server: TargetServer
        var client: ScrapeClient
        var groups: [TargetGroup] = []
        var problem: String?
        /// When it is to be asked next.
        var due: Timestamp

        /// Whether it is to be asked. A time further off than the interval is of a clock that was set back.
        func isDue(_ now: Timestamp) -> Bool { due <= now || due - now > server.interval }
    }

    private struct State {
        var sources: [Source] = []
        /// Counts configurations, so that an answer to a question of an earlier one is dropped.
        var generation = 0
    }

    /// Nominal time between looks at what is due.
    private static let tick: Milliseconds = 1000
    /// Real time an answer may take.
    private static let timeout = TimeAmount.seconds(10)
    /// Bytes an answer may have.
    private static let bodyBytesMax = 16 << 20

    private let sink: any TargetSink
    private let environment: ScrapeEnvironment
    private let state = Mutex(State())

    /// A discovery without jobs that hands what it finds to `sink`, and asks with the environment's clock, connections and
    /// user agent.
    package init(sink: any TargetSink, environment: ScrapeEnvironment) {
        self.sink = sink
        self.environment = environment
    }

    /// Servers that stay keep the targets they listed.
    package func apply(_ configuration: ScrapeConfiguration) {
        let now = environment.clock.now()
        let gone = state.withLock { state -> [Source] in
            var old = state.sources
            state.generation += 1
            state.sources = configuration.jobs.flatMap { job in
                job.targetServers.map { server in
                    if let known = old.firstIndex(where: { $0.job == job.name && $0.server == server }) {
                        return old.remove(at: known)
                    }
                    let client = ScrapeClient(
                        group: MultiThreadedEventLoopGroup.singleton, budget: environment.budget,
                        contexts: environment.contexts)
                    return Source(job: job.name, server: server, client: client, due: now)
                }
            }
            return old
        }
        for source in gone { source.client.close() }
        publish(jobs: Set(configuration.jobs.map(\.name)))
    }

    package func run() async {
        while !Task.isCancelled {
            await refresh()
            do {
                try await environment.clock.sleep(until: environment.clock.now() + Self.tick)
            } catch {
                return
            }
        }
    }

    /// Asks the servers that are due, all at once, and hands what they list to the sink.
    package func refresh() async {
        let now = environment.clock.now()
        let (due, generation) = state.withLock { state in
            var due: [(index: Int, source: Source)] = []
            for index in state.sources.indices where state.sources[index].isDue(now) {
                state.sources[index].due = now + state.sources[index].server.interval
                due.append((index, state.sources[index]))
            }
            return (due, state.generation)
        }
        await withDiscardingTaskGroup { group in
            for (index, source) in due {
                group.addTask {
                    let answer = await self.fetch(source)
                    self.note(answer, at: index, generation)
                }
            }
        }
    }

    package func problems() -> [String] { state.withLock { $0.sources.compactMap(\.problem) } }

    /// Notes what the source at an index answered. The answer is dropped when the configuration has changed since.
    private func note(_ answer: Result<[TargetGroup], FetchFailure>, at index: Int, _ generation: Int) {
        let job = state.withLock { state -> String? in
            guard state.generation == generation else { return nil }
            let source = state.sources[index]
            switch answer {
            case .success(let groups):
                state.sources[index].groups = groups
                state.sources[index].problem = nil
                return source.job
            case .failure(let failure):
                state.sources[index].problem = "job \(source.job), \(source.server.url): \(failure.message)"
                return nil
            }
        }
        if let job { publish(jobs: [job]) }
    }

    /// Hands what the servers of these jobs listed last to the sink.
    private func publish(jobs: Set<String>) {
        for job in jobs {
            let groups = state.withLock { $0.sources.filter { $0.job == job }.flatMap(\.groups) }
            sink.setGroups(groups, ofJob: job, from: "http")
        }
    }

    /// Asks one server.
    private func fetch(_ source: Source) async -> Result<[TargetGroup], FetchFailure> {
        do throws(FetchFailure) {
            let request = try FetchRequest(
                source.server, timeout: max(Self.timeout, environment.pace.timeoutFloor),
                userAgent: environment.userAgent, bodyLimit: Self.bodyBytesMax)
            return .success(try groups(try await source.client.fetch(request), of: source.server))
        } catch {
            return .failure(error)
        }
    }

    private func groups(_ body: FetchedBody, of server: TargetServer) throws(FetchFailure) -> [TargetGroup] {
        let type = body.contentType.lowercased().prefix { $0 != ";" && $0 != " " }
        guard type == "application/json" else {
            throw FetchFailure(.malformedBody, "unsupported content type \(GoQuote.quoted(body.contentType))")
        }
        if body.isGzip { throw FetchFailure(.malformedBody, "the answer is compressed, which was not asked for") }
        let document: Node
        do throws(YAMLError) {
            document = try JSONReader.parse(body.bytes.readableBytesView)
        } catch {
            throw FetchFailure(.malformedBody, "the answer is no JSON document: \(error)")
        }
        var reader = NodeReader()
        var out: [TargetGroup] = []
        for (index, item) in reader.list(document, "a list of targets").enumerated() {
            var group = JobDecoder.targets(item, source: "\(server.url):\(index)", &reader)
            group.labels["__meta_url"] = server.url.description
            out.append(group)
        }
        if let error = reader.firstError { throw FetchFailure(.malformedBody, error.locatedMessage) }
        return out
    }
}
