import Console
import Documents
import FlaggerAPI
import FoundationEssentials
import Outbound

/// The credentials that templates name by `secretRef`, where there is no Kubernetes API to ask: a directory with a file
/// per key, `NAMESPACE/NAME/KEY`, as a pod has Secrets mounted; or a YAML file of Secrets, as `kubectl get -o yaml`
/// gives them. Read anew for each check, so that a rotated token counts at once.
struct SecretFiles: SecretSource {
    private static let keys = ["token", "username", "password"]

    /// The directory or file, `nil` where none was given.
    let path: String?

    /// The keys of a Secret that credentials are made of.
    func values(namespace: String, name: String) throws(SecretProblem) -> [String: String] {
        let secret = ObjectReference(name: name, namespace: namespace)
        guard let path else {
            throw SecretProblem("it needs Secret \(secret) for its credentials: say where Secrets are with --secrets")
        }
        guard [secret.name, secret.namespace].allSatisfy(Self.isName) else {
            throw SecretProblem("\"\(secret)\" is no name of a Secret")
        }
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw SecretProblem("--secrets \(path) is not there")
        }
        let values = isDirectory ? mounted(secret, in: path) : try listed(secret, in: path)
        guard let values else { throw SecretProblem("Secret \(secret) is not in \(path)") }
        return values
    }

    /// Names of Kubernetes objects can't lead out of the directory.
    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 253 && text.first != "."
            && text.utf8.allSatisfy { byte in
                (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2d || byte == 0x2e
            }
    }

    private func mounted(_ secret: ObjectReference, in path: String) -> [String: String]? {
        let folder = "\(path)/\(secret.namespace)/\(secret.name)"
        guard FileManager.default.fileExists(atPath: folder) else { return nil }
        var values: [String: String] = [:]
        for key in Self.keys {
            guard let text = try? InputFile.text("\(folder)/\(key)") else { continue }
            // Editors end files with a line break, which is never part of a header.
            values[key] = String(text.reversed().drop { $0.isNewline }.reversed())
        }
        return values
    }

    private func listed(_ secret: ObjectReference, in path: String) throws(SecretProblem) -> [String: String]? {
        do {
            for document in try DocumentReader.documents(try InputFile.text(path)) {
                for object in try document["items"]?.elements() ?? [document] where try Self.is(object, secret) {
                    return try Self.values(object)
                }
            }
            return nil
        } catch {
            // What stands in such a file is not to be repeated in a message.
            throw SecretProblem("--secrets \(path) can't be read as a YAML file of Secrets")
        }
    }

    private static func `is`(_ object: Node, _ secret: ObjectReference) throws -> Bool {
        guard try object["kind"]?.string() == "Secret", let metadata = object["metadata"] else { return false }
        let namespace = try metadata["namespace"]?.string() ?? CanaryDecoder.defaultNamespace
        return try metadata["name"]?.string() == secret.name && namespace == secret.namespace
    }

    private static func values(_ object: Node) throws -> [String: String] {
        var values: [String: String] = [:]
        for entry in try object["data"]?.entries() ?? [] {
            guard let data = Data(base64Encoded: try entry.value.string()) else { continue }
            values[entry.key] = String(validating: data, as: UTF8.self)
        }
        for entry in try object["stringData"]?.entries() ?? [] { values[entry.key] = try entry.value.string() }
        return values
    }
}
