import Foundation
import TestSupport
import Testing

/// Objects in every form that people have them in: as files, on standard input, in folders, and as bodies of requests.
@Suite("Inputs of every form") struct InputFormTests {
    private static let canary =
        #"{"apiVersion":"flagger.app/v1beta1","kind":"Canary","metadata":{"name":"shop","namespace":"test"},"spec":"#
        + #"{"targetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"shop"},"service":{"port":80},"analysis":"#
        + #"{"interval":"30s","threshold":5,"stepWeight":10,"metrics":[{"name":"m","templateRef":{"name":"t"},"#
        + #""thresholdRange":{"min":99},"interval":"1m"}]}}}"#
    private static let template =
        #"{"apiVersion":"flagger.app/v1beta1","kind":"MetricTemplate","metadata":{"name":"t","namespace":"test"},"#
        + #""spec":{"provider":{"type":"prometheus","address":"http://p:9090"},"query":"vector(99.9)"}}"#
    private static let yaml = "# objects\n\(canary)\n---\n\(template)\n"

    private static let forms: [(name: String, bytes: [UInt8])] = [
        ("documents.yaml", Array(yaml.utf8)),
        (
            "list.json",
            Array("{\n\t\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\(canary),\n\t\(template)]}".utf8)
        ),
        ("stream.json", Array("\(canary)\n\(template)\n".utf8)),
        ("utf16.yaml", [0xff, 0xfe] + yaml.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }),
        ("mark.yaml", [0xef, 0xbb, 0xbf] + Array(yaml.utf8)),
    ]

    @Test("files, folders, patterns and standard input say the same, with a server and without") func commands()
        async throws
    {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = folder.appendingPathComponent("data").path
        let server = try await Daemon.start("serve", "--data", data, "--listen", "127.0.0.1:0")
        defer { server.stop() }
        let split = folder.appendingPathComponent("split")
        try FileManager.default.createDirectory(at: split, withIntermediateDirectories: true)
        try Data(Self.canary.utf8).write(to: split.appendingPathComponent("a.json"))
        try Data(Self.template.utf8).write(to: split.appendingPathComponent("b.yml"))
        try Data("no object".utf8).write(to: split.appendingPathComponent("README.md"))
        var inputs = [[split.path], [split.path + "/*.[yj]*"], [split.path + "/b.yml", split.path + "/a.json"]]
        for form in Self.forms {
            let path = folder.appendingPathComponent(form.name)
            try Data(form.bytes).write(to: path)
            inputs.append([path.path])
        }
        for input in inputs {
            for source in [["--server", server.url], ["--data", data]] {
                let outcome = try await Program.run(["analyze", "-f"] + input + source)
                #expect(
                    outcome.code == 0 && outcome.output.hasPrefix("PASS  shop.test"), "\(input) \(source): \(outcome)")
            }
            let lint = try await Program.run(["lint"] + input)
            #expect(lint.output == "nothing found\n", "\(input): \(lint)")
            let replay = try await Program.run(["replay", "--data", data, "--start", "-1m", "-f"] + input)
            #expect(replay.code == 3 && replay.output.contains("NO DATA"), "\(input): \(replay)")
        }
        let piped = try await Program.run(["analyze", "-f", "-", "--server", server.url], input: Self.yaml)
        #expect(piped.code == 0 && piped.output.hasPrefix("PASS  shop.test"), "\(piped)")
        let twice = try await Program.run(["analyze", "-f", "-", "-f", "-", "--data", data], input: Self.yaml)
        #expect(twice.code == 2 && twice.messages.contains("standard input is named twice"), "\(twice)")
    }

    @Test("a body is read as what it is, whatever it is called") func bodies() async throws {
        let server = try await Daemon.start("serve", "--in-memory", "--listen", "127.0.0.1:0")
        defer { server.stop() }
        let types = [nil, "application/json", "application/yaml", "text/plain", "application/x-www-form-urlencoded"]
        for form in Self.forms {
            for type in types {
                let headers = type.map { ["Content-Type": $0] } ?? [:]
                let verdict = try await HTTP.send(
                    server.url + "/analysis/v1/evaluate", "POST", Data(form.bytes), headers: headers)
                let text = String(decoding: verdict.body, as: UTF8.self)
                #expect(
                    verdict.status == 200 && text.contains(#""verdict":"pass""#),
                    "\(form.name) as \(type ?? "-"): \(text)")
                let put = try await HTTP.send(
                    server.url + "/analysis/v1/canaries/test/shop", "PUT", Data(form.bytes), headers: headers)
                #expect(put.status == 201 || put.status == 200, "\(form.name) as \(type ?? "-"): \(put)")
                let shown = try await server.get("/analysis/v1/canaries/test/shop")
                #expect(
                    shown.contains("vector(99.9)") && shown.contains(#""canary":{"apiVersion""#),
                    "\(form.name): \(shown)")
            }
        }
        let form = ["Content-Type": "application/x-www-form-urlencoded"]
        let broken = "kind: Canary apiVersion: flagger.app/v1beta1"
        let answer = try await HTTP.send(
            server.url + "/analysis/v1/evaluate", "POST", Data(broken.utf8), headers: form)
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(answer.status == 400 && text.contains("send it with --data-binary @FILE"), "\(text)")
    }

    @Test("expositions are files, folders, patterns and standard input, OpenMetrics by their name") func expositions()
        async throws
    {
        let folder = try ServeTests.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = "# UNIT a_seconds seconds\na_seconds 5\n"
        try Data(text.utf8).write(to: folder.appendingPathComponent("a.prom"))
        try Data("# TYPE b gauge\nb 6\n# EOF\n".utf8).write(to: folder.appendingPathComponent("b.om.txt"))
        for input in [folder.path, folder.path + "/*"] {
            let both = try await Program.run("query", "a_seconds + on() b", "--input", input, "-o", "csv")
            #expect(both.code == 0 && both.output.contains("11"), "\(both)")
        }
        let piped = try await Program.run("query", "a_seconds", "--input", "-", "-o", "csv", input: text)
        #expect(piped.code == 0 && piped.output.contains("5"), "\(piped)")
        try Data(text.utf8).write(to: folder.appendingPathComponent("cut.om.txt"))
        let cut = try await Program.run("query", "a_seconds", "--input", folder.path + "/cut.om.txt")
        #expect(cut.code == 2 && cut.messages.contains("# EOF"), "\(cut)")
    }
}
