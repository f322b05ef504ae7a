import Archive
import Foundation
import Model
import TSDB
import TestSupport
import Testing

/// A start over any damaged directory ends in a running server or in a refusal, never in a trap.
@Suite("Start over damaged directories (Fuzz)", .serialized) struct DamagedStartFuzzTests {
    /// Hours of rows and late samples in hour files and log files, a registered Canary and its verdicts.
    private static func directory(in folder: URL) async throws -> String {
        let data = folder.appendingPathComponent("whole").path
        try fill(data)
        let proxies = try await Daemon.start("proxies", "--listen", "127.0.0.1:0", "--workload", "name=podinfo,rps=50")
        let configuration = try await ServeTests.configuration(proxies, in: folder)
        let server = try await Daemon.start(
            "serve", "--data", data, "--listen", "127.0.0.1:0", "--config", configuration)
        _ = try await HTTP.send(
            server.url + RegisteredServeTests.path, "PUT", Data(RegisteredServeTests.canary.utf8),
            headers: ["Content-Type": "application/json"])
        _ = try await server.get(RegisteredServeTests.path + "/verdict?wait=30s")
        _ = try await WrittenSamples(seriesCount: 3, samplesPerSeries: 50).send(
            from: SystemTime.now - 60_000, to: server.url)
        server.stop(SIGKILL)
        proxies.stop()
        return data
    }

    /// Small chunks and small log files, so that there are many of both.
    private static func fill(_ data: String) throws {
        var options = DatabaseOptions()
        options.chunkRows = 8
        var archive = ArchiveOptions()
        archive.logFileBytes = 2_000
        let begin = SystemTime.now - 4 * 3_600_000
        let directory = try DataDirectory.open(data, database: options, options: archive, now: begin)
        let group = try directory.database.openGroup(GroupKey(job: "j", target: "t"))
        let columns = try (0..<6).map { try group.column(for: ["__name__": "m", "n": "\($0)"]) }
        for step in 0..<100 {
            let time = begin + Int64(step) * 140_000
            var row = SampleRow(time: time, columnCount: columns.count)
            for column in columns { row.set(column, to: Double(step * column)) }
            try group.append(row)
            let late = SeriesSamples(
                labels: ["__name__": "late"], times: [time - 3_000], values: [.float(Double(step))])
            _ = directory.database.append([late], at: time)
            if step % 20 < 12 { try directory.database.flush() } else { try directory.maintain(now: time) }
        }
        try directory.close(now: SystemTime.now)
    }

    /// Verdicts of any time, and a registration as an older version took it.
    private static func verdicts(_ data: String, _ random: inout SeededGenerator) throws -> String {
        let time = random.pick([.min, .min + 1, -1, .latest, .max - 1, .max], or: 0)
        guard let file = try? VerdictFile(directory: data, retention: 1) else { return "no verdicts" }
        let canary = RegisteredServeTests.canary
            .replacing(
                "\"name\": \"request-success-rate\"", with: "\"name\": \"x\", \"templateRef\": {\"name\": \"t\"}"
            )
            .replacing(
                "\"metadata\": {", with: "\"metadata\": {\"annotations\": {\"haldane.dev/query-address\": \"honour\"}, "
            )
        let template = """
            {"apiVersion": "flagger.app/v1beta1", "kind": "MetricTemplate", "metadata": {"name": "t", "namespace": "test"},
            "spec": {"provider": {"type": "prometheus", "address": "http://127.0.0.1:99999"}, "query": "sum(up)"}}
            """
        let body = canary.dropLast() + ", \"templates\": [\(template)]}"
        let name = AnalysisName(namespace: "test", name: "podinfo")
        if random.chance(50) {
            try? file.keep(StoredRegistration(name: name, body: Array(body.utf8), isYAML: false, registeredAt: time))
        }
        file.append(StoredVerdict(name: name, time: time, verdict: Array("{}".utf8), facts: Array("{}".utf8)))
        try? file.flush()
        return "a verdict of \(time)"
    }

    /// Changes a file as a disk, a crash or a person might; gives its words.
    private static func damage(_ data: String, _ random: inout SeededGenerator) throws -> String {
        let manager = FileManager.default
        let names = (manager.enumerator(atPath: data)?.compactMap { $0 as? String } ?? []).sorted().filter { name in
            let values = try? URL(fileURLWithPath: "\(data)/\(name)").resourceValues(forKeys: [.isRegularFileKey])
            return values?.isRegularFile == true
        }
        let name = random.pick(names)
        let url = URL(fileURLWithPath: "\(data)/\(name)")
        var bytes = [UInt8](try Data(contentsOf: url))
        let kind = Int.random(in: 0..<10, using: &random)
        switch kind {
        case 0: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
        case 1: bytes = Array(repeating: 0, count: bytes.count)
        case 2:
            try manager.removeItem(at: url)
            return "\(name) removed"
        case 3: bytes = random.bytes(min(bytes.count, 5_000))
        case 4:
            // The names of files have numbers too.
            let odd = [
                "log/18446744073709551615.log", "log/9223372036854775807.log", "log/18446744073709551616.log",
                "chunks/hour-9223372036854775807.sqlite", "chunks/hour--9223372036854775808~9223372036854775807.sqlite",
                "chunks/hour-1~0.sqlite.damaged-1", "chunks/hour-1.sqlite.damaged-9223372036854775807",
            ]
            let other = random.pick(odd)
            try? manager.copyItem(at: url, to: URL(fileURLWithPath: "\(data)/\(other)"))
            return "\(name) copied to \(other)"
        case 5:
            let lines = [
                "-9223372036854775808 9223372036854775807 x", "9223372036854775807 -9223372036854775808 x", "x", "",
                "0 0 0",
                "-9223372036854775809 18446744073709551615 x",
            ]
            let text = (0..<3).map { _ in random.pick(lines) }.joined(separator: "\n") + "\n"
            try Data(text.utf8).write(to: URL(fileURLWithPath: data + "/damaged-ranges"))
            return "damaged-ranges: \(text)"
        case 6:
            return try verdicts(data, &random)
        default: bytes = random.mutated(bytes, changes: 3)
        }
        try Data(bytes).write(to: url)
        return "\(name): kind \(kind) of damage"
    }

    @Test("Fuzz: a start over a damaged directory ends in a server or a refusal") func starts() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let whole = try await Self.directory(in: folder)
        let data = folder.appendingPathComponent("damaged").path
        try await FuzzBudget(executions: 8).run("damaged starts") { random, seed in
            try? FileManager.default.removeItem(atPath: data)
            try FileManager.default.copyItem(atPath: whole, toPath: data)
            var note = "seed \(seed)"
            for _ in 0..<Int.random(in: 1...3, using: &random) { note += ", " + (try Self.damage(data, &random)) }
            // A reader first, which changes nothing; then two starts, since the first one writes down what it found.
            let read = try await Program.run("query", "count({__name__=~\".+\"})", "--data", data)
            #expect(
                read.signal == nil && (0...4).contains(read.code), "\(note): \(read.code) \(read.messages.suffix(2000))"
            )
            for _ in 0..<2 {
                do {
                    let server = try await Daemon.start("serve", "--data", data, "--listen", "127.0.0.1:0")
                    _ = try await server.get("/api/v1/query?query=count(%7B__name__%3D~%22.%2B%22%7D)")
                    _ = try await server.get("/api/v1/query?query=max_over_time(m%5B1d%5D)")
                    // Whoever is registered is evaluated after a write.
                    _ = try await WrittenSamples(seriesCount: 1, samplesPerSeries: 1).send(
                        from: SystemTime.now, to: server.url)
                    _ = try await server.get(RegisteredServeTests.path + "/verdict")
                    _ = try await server.get("/analysis/v1/canaries")
                    _ = try await server.get("/-/healthy")
                    server.stop()
                    #expect(server.signal == nil, "\(note): \(server.messages.suffix(2000))")
                } catch let failure as Daemon.Failure {
                    #expect(failure.signal == nil, "\(note): \(failure)")
                }
            }
        }
    }
}
