import Model
import TSDB

/// Metric families of the durable side of the store and of the store's limits, for `/metrics`.
enum StorageMetrics {
    static func families(_ context: ServerContext) -> [ServerMetrics.Family] {
        limits(context.database.options.limits) + damage(context) + durable(context)
    }

    private static func limits(_ limits: DatabaseLimits) -> [ServerMetrics.Family] {
        let values = [
            ("bytes", limits.bytes), ("columns_per_target", limits.columnsPerGroup),
            ("label_length", limits.labelLength), ("labels_per_series", limits.labelsPerSeries),
            ("series", limits.series),
        ]
        return [
            ServerMetrics.Family(
                name: "haldane_store_limit", type: "gauge",
                help: "What the store refuses to exceed; haldane_store_refused_total counts the refusals.",
                samples: values.map { ([("what", $0.0)], Double($0.1)) })
        ]
    }

    private static func damage(_ context: ServerContext) -> [ServerMetrics.Family] {
        [
            ServerMetrics.Family(
                name: "haldane_storage_damaged_parts", type: "gauge",
                help: "Chunks, and open rows of targets, that could not be decoded and are left out of answers.",
                samples: [([], Double(context.database.knownDamagedParts))])
        ]
    }

    private static func durable(_ context: ServerContext) -> [ServerMetrics.Family] {
        guard let status = context.storage?.storageStatus() else { return [] }
        func one(_ name: String, _ type: String, _ help: String, _ value: Int) -> ServerMetrics.Family {
            ServerMetrics.Family(
                name: "haldane_storage_" + name, type: type, help: help, samples: [([], Double(value))])
        }
        return [
            one(
                "writable", "gauge", "1 while the data directory can be written, 0 otherwise.",
                status.isWritable ? 1 : 0),
            one("write_failures_total", "counter", "Rounds of writing that failed.", status.writeFailures),
            one(
                "stalled_seconds", "gauge", "How long a write to the disk has not returned; 0 below 3 s.",
                Int((status.stalledFor ?? 0) / 1_000)),
            one(
                "log_given_up_frames_total", "counter",
                "Frames of the head log given up because too many bytes waited. Their samples are stored as chunks later.",
                status.logFramesGivenUp),
            one("damaged_ranges", "gauge", "Time ranges whose data is damaged.", context.database.damagedRanges.count),
            one("log_waiting_bytes", "gauge", "Bytes of the head log that are not written yet.", status.waitingBytes),
            one("log_bytes", "gauge", "Bytes of the head log.", status.logBytes),
            one("log_files", "gauge", "Files of the head log.", status.logFiles),
            one("log_written_bytes_total", "counter", "Bytes written to the head log.", status.logBytesWritten),
            one("archive_bytes", "gauge", "Bytes of the hour files.", status.archiveBytes),
            one("archive_files", "gauge", "Hour files.", status.archiveFiles),
            one("open_files", "gauge", "Hour files that are open.", status.openFiles),
            one("cache_bytes", "gauge", "Bytes of archived chunks kept in memory.", status.cachedBytes),
        ]
    }
}
