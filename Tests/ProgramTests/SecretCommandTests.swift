import Foundation
import TestSupport
import Testing

/// Secrets in the addresses that a command is given.
@Suite("Secrets in addresses of commands") struct SecretCommandTests {
    @Test("user and password of a server's URL are sent, and shown nowhere")
    func server() async throws {
        let engine = try await AnswerServer.start { request in
            request.uri.contains("moved") ? (302, "") : (200, RemoteCheckTests.vector(["7"]))
        }
        let address = "us%65r:s3cr3t@127.0.0.1:\(engine.port)"
        let asked = try await Program.run("query", "up", "--server", "http://\(address)/")
        #expect(asked.code == 0 && asked.output.contains("7"), "\(asked)")
        #expect(engine.requests.last?.values(of: "authorization") == ["Basic dXNlcjpzM2NyM3Q="])
        let dead = DeadPort()
        defer { withExtendedLifetime(dead) {} }
        for arguments in [
            ["query", "up", "--server", "http://u:s3cr3t@\(dead.address)"],
            ["stat", "deploy", "--server", "http://u:s3cr3t@x:y"],
            ["query", "up", "--server", "http://u:s3cr3t@127.0.0.1:99999"],
            ["query", "up", "--server", "ftp://u:s3cr3t@x"],
            ["query", "up", "--server", "http://\(address)/moved"], ["query", "up", "--server", "http://u:s3cr3t/x@y"],
            ["query", "up", "--input", "http://u:s3cr3t@\(dead.address)/x"],
            ["query", "up", "--input", "http://u:s3cr3t@\(address)"],
            ["query", "up", "--server", "u:s3cr3t@x"],
        ] {
            let outcome = try await Program.run(arguments)
            #expect(outcome.code != 0, "\(arguments)")
            #expect(!(outcome.messages + outcome.output).contains("s3cr3t"), "\(outcome)")
        }
        await engine.stop()
    }
}
