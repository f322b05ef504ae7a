import Foundation
import Model
import RemoteWrite
import TestSupport

/// Debian's Prometheus (or the one that `PROMETHEUS` names), with nothing to scrape.
enum Peer {
    /// The program, `nil` where there is none.
    static let executable: String? = {
        let path = ProcessInfo.processInfo.environment["PROMETHEUS"] ?? "/usr/bin/prometheus"
        if FileManager.default.isExecutableFile(atPath: path) { return path }
        print("SKIPPED: no Prometheus to compare with; `apt-get install prometheus`, or set PROMETHEUS to its path")
        return nil
    }()

    static var isThere: Bool { executable != nil }

    /// Whether Prometheus and the compliance queries are there.
    static let canComply: Bool = {
        if !ComplianceQueries.isThere {
            print("SKIPPED: no shared/corpora/compliance beside the repository (or in HALDANE_SHARED)")
        }
        return isThere && ComplianceQueries.isThere
    }()
}

/// A Prometheus and a Haldane that hold the same samples.
final class PeerServers: Sendable {
    let haldane: Daemon
    let prometheus: Daemon
    private let folder: URL

    /// Starts both, empty, on free loopback ports.
    init() async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("haldane-peer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let configuration = folder.appendingPathComponent("prometheus.yml").path
        try Data("global: {}\n".utf8).write(to: URL(fileURLWithPath: configuration))
        haldane = try await Daemon.start("serve", "--in-memory", "--listen", "127.0.0.1:0", "--log-level", "error")
        prometheus = try await Daemon.start(
            executable: Peer.executable ?? "",
            [
                "--config.file=\(configuration)", "--storage.tsdb.path=\(folder.appendingPathComponent("data").path)",
                "--web.listen-address=127.0.0.1:0", "--web.enable-remote-write-receiver",
            ],
            listening: #"msg="Listening on" address=([0-9.:]+)"#)
        let peer = prometheus
        try await peer.wait(for: "Prometheus to be ready") {
            try await HTTP.send(peer.url + "/-/ready", "GET").status == 200
        }
    }

    deinit {
        prometheus.stop(SIGKILL)
        haldane.stop(SIGKILL)
        try? FileManager.default.removeItem(at: folder)
    }

    /// Writes the same samples to both. They are sent in slices of time, so that the peer's head takes them all.
    func write(_ series: [NaiveData.Series], slice: Milliseconds = 600_000) async throws {
        let times = series.flatMap { $0.samples.map(\.time) }
        guard let first = times.min(), let last = times.max() else { return }
        for start in stride(from: first, through: last, by: Int64.Stride(slice)) {
            let part = series.compactMap { one -> SeriesSamples? in
                let inside = one.samples.filter { $0.time >= start && $0.time < start + slice }
                if inside.isEmpty { return nil }
                return SeriesSamples(
                    labels: one.labels, times: inside.map(\.time), values: inside.map { .float($0.value) })
            }
            let body = Data(WriteRequest(series: part).snappyBody())
            for server in [haldane, prometheus] {
                let answer = try await HTTP.send(
                    server.url + "/api/v1/write", "POST", body,
                    headers: [
                        "Content-Encoding": "snappy", "Content-Type": "application/x-protobuf",
                        "X-Prometheus-Remote-Write-Version": "0.1.0",
                    ])
                guard answer.status / 100 == 2 else {
                    throw Daemon.Failure(
                        message:
                            "remote write to \(server.url): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))"
                    )
                }
            }
        }
    }

    /// Asks both.
    func ask(_ question: Question) async throws -> (haldane: PeerAnswer, prometheus: PeerAnswer) {
        async let ours = PeerAnswer.ask(question, of: haldane.url)
        async let theirs = PeerAnswer.ask(question, of: prometheus.url)
        return try await (ours, theirs)
    }

    /// Asks both and compares; a difference is explained by a known one or is not.
    func compare(_ question: Question) async throws -> Verdict {
        let (ours, theirs) = try await ask(question)
        guard let difference = ours.difference(from: theirs) else { return .agree(answered: !theirs.isEmpty) }
        for known in KnownDifference.all where known.concerns(question.query) {
            if let error = known.error, !ours.message.contains(error) { continue }
            if let error = known.peerError, !theirs.message.contains(error) { continue }
            guard let substitute = known.substitute else { return .excused(known) }
            // Without the feature there must be no difference left.
            var other = question
            other.query = substitute(question.query)
            let (ours, theirs) = try await ask(other)
            if ours.difference(from: theirs) == nil { return .excused(known) }
        }
        return .differ("\(question)\n  \(difference)")
    }

    /// What a comparison came to.
    enum Verdict {
        case agree(answered: Bool)
        case excused(KnownDifference)
        case differ(String)
    }
}

/// A query with its times, in milliseconds.
struct Question: CustomStringConvertible {
    var query: String
    var start: Timestamp
    var end: Timestamp
    /// `nil` for an instant query at `start`.
    var step: Milliseconds?

    var description: String {
        step.map { "\(query)\n  from \(start) through \(end) step \($0) ms" } ?? "\(query)\n  at \(start) ms"
    }

    var path: String { step == nil ? "/api/v1/query" : "/api/v1/query_range" }

    /// The form fields, encoded.
    var form: String {
        func seconds(_ time: Int64) -> String { "\(time / 1000).\(String(1000 + time % 1000).dropFirst())" }
        var fields = [("query", query)]
        if let step {
            fields += [("start", seconds(start)), ("end", seconds(end)), ("step", seconds(step))]
        } else {
            fields.append(("time", seconds(start)))
        }
        return fields.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
        }.joined(separator: "&")
    }
}
