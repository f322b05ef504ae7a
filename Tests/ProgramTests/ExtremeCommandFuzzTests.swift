import Foundation
import Synchronization
import TestSupport
import Testing

/// Every command ends with one of its exit codes, whatever numbers its flags, files and answers hold.
@Suite("Commands under extreme values (Fuzz)", .serialized) struct ExtremeCommandFuzzTests {
    /// What the server of the answers draws from; an execution sets it by its seed.
    private final class RandomAnswers: Sendable {
        let generator = Mutex(SeededGenerator(seed: 0))
    }

    /// Files and servers that the commands read.
    private struct Place {
        let folder: URL
        let answers: AnswerServer
        let random: RandomAnswers
        var data: String { folder.appendingPathComponent("data").path }
        var server: String { "http://127.0.0.1:\(answers.port)" }

        /// A file with this text.
        func file(_ name: String, _ text: String) throws -> String {
            let url = folder.appendingPathComponent(name)
            try Data(text.utf8).write(to: url)
            return url.path
        }
    }

    private static let outputs = ["table", "json", "csv", "plot"]

    /// `--time` and the like: with `=`, since values may begin with a minus.
    private static func times(_ names: [String], _ random: inout SeededGenerator) -> [String] {
        var out: [String] = []
        for name in names where random.chance(70) { out.append("--\(name)=\(ExtremeValues.time(&random))") }
        return out
    }

    private static func query(_ place: Place, _ random: inout SeededGenerator) throws -> [String] {
        var words = ["query", ExtremeValues.query(&random), "-o", random.pick(outputs)]
        if random.chance(50) {
            words += times(["time"], &random)
        } else {
            let start = ExtremeValues.time(&random)
            words += ["--start=\(start)", "--end=\(random.chance(50) ? start : ExtremeValues.time(&random))"]
            if random.chance(50) { words.append("--step=\(ExtremeValues.duration(&random))") }
        }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return words + ["--data", place.data]
        case 1: return words + ["--server", place.server]
        case 2: return words + ["--server", "http://127.0.0.1:\(random.pick(ExtremeValues.ports))"]
        default:
            let name = random.chance(50) ? "body.prom" : "body.om.txt"
            return words + ["--input", try place.file(name, ExtremeValues.scrapeBody(&random))]
        }
    }

    private static func words(_ place: Place, _ random: inout SeededGenerator) throws -> [String] {
        switch Int.random(in: 0..<10, using: &random) {
        case 0, 1, 2: return try query(place, &random)
        case 3: return ["lint", "-f", try place.file("lint.yaml", ExtremeObjects.file(&random))]
        case 4:
            return [
                "lint", "-f", try place.file("config.yaml", ExtremeObjects.configuration(&random, port: 1)),
                "--scrape-interval=\(ExtremeValues.duration(&random))",
            ]
        case 5:
            return [
                "analyze", "-f", try place.file("analyze.yaml", ExtremeObjects.file(&random)), "--data", place.data,
            ]
                + times(["time", "step-start"], &random)
        case 6:
            let keys = [
                "threshold", "interval", "failed-checks", "step-weight", "max-weight", "minimum-requests",
                "request-duration.max", "t.interval",
            ]
            let value = random.chance(50) ? ExtremeValues.duration(&random) : ExtremeValues.number(&random)
            return [
                "replay", "-f", try place.file("replay.yaml", ExtremeObjects.file(&random)), "--data", place.data,
                "--start=\(ExtremeValues.time(&random))", "--set", "\(random.pick(keys))=\(value)",
                "-o", random.pick(["table", "json", "plot"]), "--end=8999999999999999",
            ]
        case 7:
            let isScript = random.chance(60)
            let text = isScript ? ExtremeObjects.script(&random) : ExtremeObjects.unitTest(&random)
            return ["test", try place.file(isScript ? "a.test" : "test.yaml", text)]
        case 8:
            let command = random.chance(50) ? ["stat", "deploy"] : ["routes", "deploy/p"]
            return command + ["-t", ExtremeValues.duration(&random), "--server", place.server, "-o", "json"]
        default: return flags(&random)
        }
    }

    /// Commands that would run until they are stopped, with something that keeps them from it.
    private static func flags(_ random: inout SeededGenerator) -> [String] {
        let number = random.chance(50) ? ExtremeValues.integer(&random) : ExtremeValues.number(&random)
        return random.pick(
            [
                ["proxies", "--listen", "127.0.0.1:99999", "--seed", number],
                ["proxies", "--workload", "name=p,rps=\(number)", "--listen", "127.0.0.1:65536"],
                ["proxies", "--workload", "name=p,pods=\(number),clients=\(number),p99=\(number)", "--listen", ":-1"],
                ["demo", "--speed=\(number == "100" || number == "1" || number == "2" ? "NaN" : number)"],
                ["bench", "targets", "--targets=\(number)", "--series=\(number)", "--listen", "127.0.0.1:65536"],
                ["serve", "--in-memory", "--listen", "127.0.0.1:\(number)x"],
                ["serve", "--in-memory", "--retention=\(ExtremeValues.duration(&random))", "--listen", ":65536"],
                ["serve", "--in-memory", "--query-threads=\(number)", "--listen", "127.0.0.1:65536"],
                ["bench", "--pods=\(number)", "--seconds=\(number)x"],
            ], or: [])
    }

    /// What a server with a wild idea of numbers answers to a query.
    private static func answer(_ random: inout SeededGenerator) -> String {
        func sample(_ random: inout SeededGenerator) -> String {
            "[\(ExtremeValues.json(&random)), \"\(ExtremeValues.number(&random))\"]"
        }
        let labels =
            "{\"deployment\": \"p\", \"namespace\": \"default\", \"classification\": \"success\", \"rt_route\": \"r\"}"
        let values = (0..<4).map { _ in sample(&random) }.joined(separator: ", ")
        let result = [
            "\"resultType\": \"vector\", \"result\": [{\"metric\": \(labels), \"value\": \(sample(&random))}]",
            "\"resultType\": \"matrix\", \"result\": [{\"metric\": \(labels), \"values\": [\(values)]}]",
            "\"resultType\": \"scalar\", \"result\": \(sample(&random))",
        ]
        return "{\"status\": \"success\", \"data\": {\(random.pick(result))}}"
    }

    /// A data directory with a few samples.
    private static func place(_ folder: URL) async throws -> Place {
        let seeded = RandomAnswers()
        let place = Place(
            folder: folder,
            answers: try await AnswerServer.start { _ in (200, seeded.generator.withLock { Self.answer(&$0) }) },
            random: seeded)
        let server = try await Daemon.start("serve", "--data", place.data, "--listen", "127.0.0.1:0")
        _ = try await WrittenSamples(seriesCount: 2, samplesPerSeries: 20).send(
            from: SystemTime.now - 60_000, to: server.url)
        server.stop()
        return place
    }

    @Test("Fuzz: commands end with a code of theirs") func commands() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let place = try await Self.place(folder)
        try await FuzzBudget(executions: 40).run("extreme commands") { random, seed in
            place.random.generator.withLock { $0 = SeededGenerator(seed: seed) }
            let words = try Self.words(place, &random)
            // Beside all other tests a command may take long; one that takes minutes hangs.
            let outcome = try await Program.run(
                executable: "/usr/bin/timeout", ["-s", "KILL", "300", Program.url.path] + words)
            let note = "seed \(seed): haldane \(words.joined(separator: " ").prefix(1000))"
            #expect(outcome.signal == nil, "\(note)\n\(outcome.messages.suffix(2000))")
            #expect(
                (0...4).contains(outcome.code) || outcome.code == 64,
                "\(note): \(outcome.code)\n\(outcome.messages.suffix(2000))")
        }
        await place.answers.stop()
    }

    @Test("Fuzz: a server with any configuration serves, or says why not") func configurations() async throws {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let place = try await Self.place(folder)
        try await FuzzBudget(executions: 8).run("extreme configurations") { random, seed in
            let text = ExtremeObjects.configuration(&random, port: place.answers.port)
            let server: Daemon
            do {
                server = try await Daemon.start(
                    "serve", "--in-memory", "--listen", "127.0.0.1:0", "--config", try place.file("serve.yaml", text),
                    "--retention", random.pick(["1ms", "292y", "6h"]), "--verdict-retention",
                    random.pick(["1ms", "292y"]))
            } catch let failure as Daemon.Failure {
                #expect(failure.signal == nil, "seed \(seed): \(text)\n\(failure)")
                return
            }
            _ = try await server.get("/api/v1/targets")
            _ = try await server.get("/-/healthy")
            server.stop()
            #expect(server.signal == nil, "seed \(seed): \(text)\n\(server.messages.suffix(2000))")
        }
        await place.answers.stop()
    }
}
