import Foundation
import Model
import TSDB
import TestSupport
import Testing

/// The disk is full, or may not be written: scraping and answering go on, everybody can see what is wrong, and nothing
/// that was acknowledged is lost.
@Suite("Storage failures", .serialized) struct StorageFailureTests {
    private static let writes = WrittenSamples(seriesCount: 20, samplesPerSeries: 200)

    private static func metric(_ name: String, of server: Daemon) async throws -> Double? {
        let line = try await server.get("/metrics").split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line?.split(separator: " ").last.flatMap { Double($0) }
    }

    /// What everybody can see while writing fails.
    private static func expectTrouble(_ server: Daemon) async throws {
        try await server.wait(for: "the failure to be noticed") {
            try await metric("haldane_storage_writable", of: server) == 0
        }
        #expect(try await metric("haldane_storage_write_failures_total", of: server) ?? 0 > 0)
        for path in ["/-/healthy", "/-/ready"] {
            let answer = try await HTTP.send(server.url + path, "GET")
            #expect(answer.status == 200)
            #expect(String(decoding: answer.body, as: UTF8.self).contains("data directory can't be written"))
        }
        #expect(try await server.get("/api/v1/status/tsdb").contains("\"writable\":false"))
        try await server.wait(for: "a message") { server.messages.contains("samples are kept in memory") }
    }

    private static func expectRecovery(_ server: Daemon) async throws {
        try await server.wait(for: "writing to work again") {
            try await metric("haldane_storage_writable", of: server) == 1
        }
        #expect(!(try await server.get("/-/healthy").contains("can't be written")))
        try await server.wait(for: "a message") { server.messages.contains("works again") }
    }

    /// All acknowledged samples are in the directory after a kill.
    private static func expectStored(_ acknowledged: [Timestamp], in data: String) throws {
        let (times, report, problems) = try WrittenSamples.read(data)
        #expect(problems.isEmpty && report.damaged.isEmpty, "\(report) \(problems.prefix(3))")
        for start in acknowledged {
            for number in 0..<writes.seriesCount {
                for time in start..<(start + Int64(writes.samplesPerSeries)) where times[number]?.contains(time) != true
                {
                    Issue.record("series \(number) lacks the acknowledged sample at \(time): \(report)")
                    return
                }
            }
        }
    }

    @Test(
        "a full disk", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/prlimit"), "needs prlimit"))
    func fullDisk() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = folder.appendingPathComponent("data").path
        let proxies = try await Daemon.start("proxies", "--listen", "127.0.0.1:0", "--workload", "name=podinfo,rps=200")
        let configuration = try await ServeTests.configuration(proxies, in: folder)
        // No file may exceed 200 KiB, as if the disk were full from there on.
        let server = try await Daemon.start(
            under: ["/bin/bash", "-c", "ulimit -S -f 200; exec \"$0\" \"$@\""],
            arguments: ["serve", "--listen", "127.0.0.1:0", "--data", data, "--config", configuration])
        var acknowledged: [Timestamp] = []
        var time = SystemTime.now - 120_000
        var refused = false
        for _ in 0..<40 where !refused {
            switch try await Self.writes.send(from: time, to: server.url) {
            case 204:
                acknowledged.append(time)
                time += 1_000
            case let status:
                refused = true
                #expect(status == 500)
            }
        }
        #expect(refused && !acknowledged.isEmpty, "the limit had no effect: \(acknowledged.count) batches")
        try await Self.expectTrouble(server)
        // Scraping and answering go on from memory.
        let scrapes = "sum(count_over_time(up[5m]))"
        let before = try await server.value(scrapes) ?? 0
        try await server.wait(for: "more scrapes") { (try await server.value(scrapes) ?? 0) >= before + 5 }
        let count = try await server.value("sum(count_over_time(written[1h]))") ?? 0
        #expect(count >= Double(acknowledged.count * 4_000), "\(count) samples are answered")

        let lifted = try await Program.run(
            executable: "/usr/bin/prlimit", ["--pid", "\(server.processIdentifier)", "--fsize=unlimited:unlimited"])
        #expect(lifted.code == 0, "\(lifted.messages)")
        try await Self.expectRecovery(server)
        // The sender repeats what was refused.
        #expect(try await Self.writes.send(from: time, to: server.url) == 204)
        acknowledged.append(time)
        server.stop(SIGKILL)
        try Self.expectStored(acknowledged, in: data)
    }

    /// How to run something as a user without rights, `nil` where that can't be done.
    private static let unprivileged: [String]? = {
        guard getuid() == 0 else { return [] }
        let setpriv = "/usr/bin/setpriv"
        guard FileManager.default.isExecutableFile(atPath: setpriv) else { return nil }
        return [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"]
    }()

    /// Whether the program can be run as a user whom read-only directories bind: not as root without setpriv, nor where that
    /// user can't reach the program.
    private static func runsUnprivileged() async throws -> Bool {
        guard let unprivileged else { return false }
        guard let setpriv = unprivileged.first else { return true }
        let probe = Array(unprivileged.dropFirst()) + [Program.url.path, "--version"]
        return try await Program.run(executable: setpriv, probe).code == 0
    }

    /// Why a test that needs `runsUnprivileged` is skipped.
    private static let needsUser: Comment = "needs setpriv, or a user other than root, who can run the program"

    /// A folder that the unprivileged user owns, and how to run something as that user.
    private static func ownFolder() throws -> (path: String, launcher: [String]) {
        let launcher = try #require(unprivileged)
        let folder = try ServeTests.folder().path
        if !launcher.isEmpty {
            try FileManager.default.setAttributes(
                [.ownerAccountID: 65534, .groupOwnerAccountID: 65534], ofItemAtPath: folder)
        }
        return (folder, launcher)
    }

    private static func setMode(_ mode: Int, _ paths: [String]) throws {
        for path in paths { try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path) }
    }

    @Test("a directory that turns read-only", .enabled(needsUser) { try await runsUnprivileged() })
    func readOnly() async throws {
        let (folder, launcher) = try Self.ownFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let data = folder + "/data"
        let server = try await Daemon.start(
            under: launcher, arguments: ["serve", "--listen", "127.0.0.1:0", "--data", data])
        var acknowledged: [Timestamp] = []
        var time = SystemTime.now - 120_000
        #expect(try await Self.writes.send(from: time, to: server.url) == 204)
        acknowledged.append(time)
        let folders = [data + "/chunks", data + "/log", data]
        try Self.setMode(0o555, folders)
        // The log goes on in its open file; chunks can't get theirs.
        for _ in 0..<40 {
            time += 1_000
            if try await Self.writes.send(from: time, to: server.url) == 204 { acknowledged.append(time) }
        }
        try await Self.expectTrouble(server)
        #expect(server.messages.contains(data), "\(server.messages)")
        let count = try await server.value("sum(count_over_time(written[1h]))") ?? 0
        #expect(count >= Double(acknowledged.count * 4_000), "\(count) samples are answered")
        try Self.setMode(0o755, folders)
        try await Self.expectRecovery(server)
        server.stop(SIGKILL)
        try Self.expectStored(acknowledged, in: data)
    }

    @Test(
        "a start on a directory without write access is exit 4, unless nothing is to be written",
        .enabled(needsUser) { try await runsUnprivileged() })
    func readOnlyStart() async throws {
        let (folder, launcher) = try Self.ownFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Self.setMode(0o555, [folder])
        for data in [folder, folder + "/new"] {
            let words = launcher + [Program.url.path, "serve", "--listen", "127.0.0.1:0", "--data", data]
            let outcome = try await Program.run(executable: words[0], Array(words.dropFirst()))
            #expect(outcome.code == 4, "\(outcome.messages)")
            #expect(outcome.messages.contains("not writable") && outcome.messages.contains("--in-memory"))
        }
        let server = try await Daemon.start(
            under: launcher, arguments: ["serve", "--listen", "127.0.0.1:0", "--in-memory", "--data", folder])
        #expect(try await server.get("/-/ready") == "Haldane is ready.\n")
    }
}
