import Foundation
import Outbound
import Testing

@testable import Commands

/// Secrets from a directory as a pod has them mounted, and from a YAML file.
@Suite("Files of Secrets") struct SecretFilesTests {
    private static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "haldane-secrets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("test/mimir"), withIntermediateDirectories: true)
        return folder
    }

    @Test("a directory has a file per key, without the line break at its end") func mounted() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("t0ken\n".utf8).write(to: folder.appendingPathComponent("test/mimir/token"))
        let files = SecretFiles(path: folder.path)
        #expect(try files.values(namespace: "test", name: "mimir") == ["token": "t0ken"])
        for (namespace, name) in [("test", "other"), ("..", "mimir"), ("test", "../mimir"), ("", "mimir")] {
            let error = #expect(throws: SecretProblem.self) { try files.values(namespace: namespace, name: name) }
            #expect(error?.description.contains("t0ken") == false)
        }
    }

    @Test("a YAML file has Secrets with data and stringData, one by one or in a List") func listed() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("secrets.yaml")
        let text = """
            apiVersion: v1
            kind: Secret
            metadata: {name: mimir, namespace: test}
            data: {token: dDBrZW4=}
            stringData: {username: me}
            ---
            kind: List
            items: [{kind: Secret, metadata: {name: plain}, stringData: {token: p}}]
            """
        try Data(text.utf8).write(to: file)
        let files = SecretFiles(path: file.path)
        #expect(try files.values(namespace: "test", name: "mimir") == ["token": "t0ken", "username": "me"])
        #expect(try files.values(namespace: "default", name: "plain") == ["token": "p"])
        #expect(throws: SecretProblem.self) { try files.values(namespace: "prod", name: "mimir") }
    }

    @Test("what can't be read is said without what stands in it") func unreadable() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("secrets.yaml")
        try Data("data: {token: s3cr3t\n".utf8).write(to: file)
        for path in [file.path, folder.path + "/none", nil] {
            let error = #expect(throws: SecretProblem.self) {
                try SecretFiles(path: path).values(namespace: "test", name: "mimir")
            }
            #expect(error?.description.contains("s3cr3t") == false, "\(String(describing: error))")
        }
    }
}
