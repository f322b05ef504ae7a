import Console
import Exposition
import Model
import Outbound
import TSDB

/// Exposition files and URLs that a query is asked of on the spot, without a server.
enum ExpositionInput {
    /// Largest body that is fetched.
    static let bodyBytesMax = 256 << 20

    /// Reads each source into the database as one scrape at `time`. Bad lines are skipped and reported on stderr.
    static func load(_ sources: [String], labels: Labels, at time: Timestamp, into database: Database) async throws {
        for source in try sources.flatMap(files) {
            let (bytes, format) = try await fetch(source)
            let name = WebAddress.isURL(source) ? WebAddress.withoutCredentials(source) : source
            try store(bytes, format, from: name, labels, time, database)
        }
    }

    /// The files that a source stands for: itself, or those of a folder or pattern.
    private static func files(_ source: String) throws -> [String] {
        WebAddress.isURL(source) ? [source] : try InputPaths.expand([source], endings: ["prom", "txt", "om"])
    }

    private static func fetch(_ source: String) async throws -> ([UInt8], ExpositionFormat) {
        guard source.hasPrefix("http://") || source.hasPrefix("https://") else {
            return (try InputFile.bytes(source), source.hasSuffix(".om.txt") ? .openMetrics : .text)
        }
        // User and password become Basic credentials, and are not shown.
        let given = WebAddress.credentials(in: source)
        let shown = WebAddress.shown(source)
        if let problem = WebAddress.problem(in: source) { throw CommandError.badInput("--input \(shown): \(problem)") }
        let request = OutboundRequest(
            "GET", WebAddress.withoutCredentials(source),
            headers: [("Accept", "text/plain;version=0.0.4;q=0.5,*/*;q=0.1")],
            credentials: given.map { .basic(user: $0.user, password: $0.password) }, timeout: .seconds(30),
            // Credentials are meant for one address.
            answerBytesMax: bodyBytesMax, followsRedirects: given == nil)
        let response: OutboundResponse
        do { response = try await OutboundClient.shared.send(request) } catch {
            throw CommandError.unreachable("cannot fetch \(shown): \(error)")
        }
        guard response.status == 200 else {
            throw CommandError.unreachable("\(shown) answered HTTP \(response.status) \(response.reason)")
        }
        return (response.body, ExpositionFormat(contentType: response.header("content-type") ?? "text/plain") ?? .text)
    }

    private static func store(
        _ bytes: [UInt8], _ format: ExpositionFormat, from source: String, _ labels: Labels, _ time: Timestamp,
        _ database: Database
    ) throws {
        var reader = BodyReader(hashSeed: 1)
        var row = SampleRow(time: time)
        var timed: [Labels] = []
        var refusal: AppendError?
        let group: any GroupAppender
        do { group = try database.openGroup(GroupKey(job: "input", target: source)) } catch {
            throw CommandError.badInput("cannot read \(source): \(error.description)")
        }
        do {
            try unsafe bytes.withUnsafeBytes { raw in
                try reader.read(unsafe BodyBytes(raw), format: format, isComplete: true, into: &row) { series in
                    let merged = merge(series.labels, labels)
                    if series.isTimed {
                        timed.append(merged)
                        return Slot.timed(timed.count - 1)
                    }
                    do throws(AppendError) { return Slot.column(try group.column(for: merged)) } catch {
                        refusal = error
                        return nil
                    }
                }
            }
        } catch {
            let reason = refusal?.description ?? (error as? BodyError)?.description ?? "\(error)"
            throw CommandError.badInput("cannot read \(source): \(reason)")
        }
        do { try group.append(row) } catch {
            throw CommandError.badInput("cannot read \(source): \(error.description)")
        }
        let result = reader.result
        for sample in result.timed {
            let one = SeriesSamples(labels: timed[sample.series], times: [sample.time], values: [.float(sample.value)])
            _ = database.append([one], at: time)
        }
        if result.skippedLineCount > 0 {
            Terminal.message("\(source): \(result.skippedLineCount) lines could not be read and were skipped:")
            for line in result.skippedLines { Terminal.message("  \(source):\(line.number): \(line.reason)") }
        }
    }

    /// Target labels win; exposed ones of the same name move aside, as in a scrape.
    private static func merge(_ exposed: Labels, _ target: Labels) -> Labels {
        var out = exposed
        for label in target {
            let displaced = out[label.name]
            if !displaced.isEmpty { out["exported_" + label.name] = displaced }
            out[label.name] = label.value
        }
        return out
    }
}
