import Documents
import Testing

@testable import Commands

/// Secrets in what is shown.
@Suite("Secrets in configurations and addresses") struct SecretTextTests {
    private static let written = [
        "password: s3cr3t", "basic_auth: {username: me, password: s3cr3t}", "\"password\": \"s3cr3t\"",
        "password:\n  s3cr3t", "password: |\n  s3cr3t\n  s3cr3t", "password : s3cr3t",
        "authorization: {credentials: 's3cr3t'}", "bearer_token: s3cr3t # comment", "oauth2: {client_secret: s3cr3t}",
        "http_headers: {X: {secrets: [s3cr3t, other]}}", "http_headers:\n  X:\n    secrets:\n    - s3cr3t",
        "a: &x {password: s3cr3t}\nb: *x", "tls_config: {key: s3cr3t}", "sigv4: {secret_key: s3cr3t}",
        "url: http://me:s3cr3t@host:80/x", "- {url: 'https://s3cr3t@host'}", "PASSWORD: s3cr3t", "api_token: s3cr3t",
    ]

    @Test("no way of writing a secret shows it", arguments: written)
    func hidden(text: String) throws {
        let shown = SecretText.hidden(text)
        #expect(!shown.contains("s3cr3t"), "\(shown)")
        #expect(try !YAMLReader.documents(shown).isEmpty, "\(shown)")
    }

    @Test("everything else is as it was")
    func rest() throws {
        let text = """
            global: {scrape_interval: 1s, external_labels: {a: "true", b: "1", c: 'x: y', d: "", "e f": g}}
            scrape_configs:
            - job_name: x
              password_file: /run/secret
              static_configs: [{targets: ["a:1", 'b:2'], labels: {}}]
              relabel_configs:
              - {regex: '(.*)\\d', replacement: $1, source_labels: [], action: ~}
            empty: []
            """
        func canonical(_ text: String) throws -> [String] {
            try YAMLReader.documents(text).map { node in
                var json = JSONWriter()
                json.node(node)
                return json.text
            }
        }
        #expect(try canonical(SecretText.hidden(text)) == canonical(text))
        #expect(SecretText.hidden("") == "" && SecretText.hidden("{") == "")
    }
}
