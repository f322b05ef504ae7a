import Model
import TSDB

/// `/metrics`: what this server counts of itself.
enum SelfMetricsRoute {
    static func add(to routes: inout RouteTable, _ context: ServerContext) {
        routes.on(["GET"], "/metrics", .read) { _ throws(APIError) in
            let database = context.database
            return try await SeriesRoutes.onPool(context) { () throws(StorageError) in
                database.statistics()
            } answer: { statistics throws(APIError) in
                var out = ExpositionText()
                for family in families(context) + families(statistics) + StorageMetrics.families(context)
                    + context.metrics.families() + context.remoteWriteProblems.families()
                    + (context.registered?.families() ?? [])
                {
                    out.family(family.name, type: family.type, help: family.help)
                    for sample in family.samples { out.sample(family.name, sample.labels, sample.value) }
                }
                return APIResponse(status: 200, contentType: ExpositionText.contentType, body: Array(out.text.utf8))
            }
        }
    }

    private static func one(_ name: String, _ type: String, _ help: String, _ value: Double) -> ServerMetrics.Family {
        ServerMetrics.Family(name: name, type: type, help: help, samples: [([], value)])
    }

    /// The process and its scrapes.
    private static func families(_ context: ServerContext) -> [ServerMetrics.Family] {
        let targets = context.targets?.targets() ?? []
        let health = [TargetStatus.Health.up, .down, .unknown].map { health in
            ([("health", health.rawValue)], Double(targets.filter { $0.health == health }.count))
        }
        let counts = context.targets?.counts() ?? ScrapeCounts()
        let scrapes = counts.scrapes.sorted { $0.key < $1.key }.map { ([("outcome", $0.key)], Double($0.value)) }
        return [
            ServerMetrics.Family(
                name: "haldane_build_info", type: "gauge", help: "Version of this server.",
                samples: [([("version", context.facts.version), ("prometheus", context.facts.compatibleVersion)], 1)]),
            one(
                "process_start_time_seconds", "gauge", "When this server started.",
                Double(context.facts.startTime) / 1000),
            ServerMetrics.Family(
                name: "haldane_targets", type: "gauge", help: "Scrape targets by health.", samples: health),
            one(
                "haldane_skipped_lines", "gauge", "Lines of the targets' last bodies that could not be read.",
                Double(targets.reduce(0) { $0 + $1.skippedLineCount })),
            ServerMetrics.Family(
                name: "haldane_scrapes_total", type: "counter", help: "Scrapes by how they ended.", samples: scrapes),
            one(
                "haldane_scrapes_resting_total", "counter",
                "Scrapes left out because the target could not be reached many times in a row.",
                Double(counts.restingScrapes)),
            one("haldane_scrape_samples_total", "counter", "Sample lines scraped.", Double(counts.samples)),
            one(
                "haldane_scrape_duplicate_samples_total", "counter",
                "Scraped samples of a series that had one already in the same body.", Double(counts.duplicateSamples)),
            one(
                "haldane_scrape_refused_series_total", "counter",
                "New series of scraped bodies that a limit of the store refused; the others of the body are stored.",
                Double(counts.refusedSeries)),
            one(
                "haldane_scrape_refused_samples_total", "counter",
                "Scraped samples with times of their own that the store refused.", Double(counts.refusedSamples)),
            one(
                "haldane_scrape_skipped_lines_total", "counter", "Scraped lines that could not be read.",
                Double(counts.skippedLines)),
        ]
    }

    /// The samples in memory and on disk.
    private static func families(_ store: DatabaseStatistics) -> [ServerMetrics.Family] {
        let refused: [(String, Int)] = [
            ("out_of_order", store.counts.outOfOrder), ("too_old", store.counts.tooOld),
            ("duplicate", store.counts.duplicates), ("too_far_ahead", store.counts.tooFarAhead),
            ("series_limit", store.counts.seriesLimit), ("bytes_limit", store.counts.bytesLimit),
            ("columns_limit", store.counts.columnsLimit), ("labels_limit", store.counts.labelsLimit),
            ("label_length_limit", store.counts.labelLengthLimit),
        ]
        return [
            one("haldane_store_series", "gauge", "Series in the store.", Double(store.series)),
            one(
                "haldane_store_groups", "gauge", "Series groups in the store: one per scrape target.",
                Double(store.groups)),
            one("haldane_store_samples_total", "counter", "Samples stored.", Double(store.counts.samples)),
            one("haldane_store_resident_bytes", "gauge", "Bytes of samples in memory.", Double(store.residentBytes)),
            one("haldane_store_chunks", "gauge", "Sealed chunks.", Double(store.chunks)),
            one(
                "haldane_store_chunk_bytes", "gauge", "Bytes of sealed chunks, in memory and on disk.",
                Double(store.chunkBytes)),
            one(
                "haldane_store_expired_chunks_total", "counter", "Chunks dropped by retention.",
                Double(store.counts.expiredChunks)),
            one(
                "haldane_store_late_chunk_reads_total", "counter",
                "Chunks read to see whether the time of a late sample is stored already.",
                Double(store.counts.lateChunkReads)),
            ServerMetrics.Family(
                name: "haldane_store_refused_total", type: "counter",
                help: "Rows, samples and columns the store refused, by reason.",
                samples: refused.map { ([("reason", $0.0)], Double($0.1)) }),
        ]
    }
}
