internal import Documents
internal import Model

/// Decodes the credentials of requests: `basic_auth`, `authorization`, `bearer_token` and `bearer_token_file`.
enum AuthorizationDecoder {
    /// The credentials; at most one of the four keys may be given.
    static func decode(
        _ fields: [String: Node], _ node: Node, _ reader: inout NodeReader
    ) -> ScrapeAuthorization {
        var found: [ScrapeAuthorization] = []
        if let basic = fields["basic_auth"] { found.append(self.basic(basic, &reader)) }
        if let authorization = fields["authorization"] { found.append(scheme(authorization, &reader)) }
        if let token = reader.text(fields["bearer_token"], "bearer_token") {
            checkHeader(token, "bearer_token", fields["bearer_token"] ?? node, &reader)
            found.append(.scheme("Bearer", .text(token)))
        }
        if let path = reader.path(fields["bearer_token_file"], "bearer_token_file") {
            found.append(.scheme("Bearer", .file(path)))
        }
        if found.count > 1 {
            reader.fail(
                node.location,
                "at most one of basic_auth, authorization, bearer_token & bearer_token_file must be configured")
        }
        return found.first ?? .none
    }

    private static func basic(_ node: Node, _ reader: inout NodeReader) -> ScrapeAuthorization {
        let fields = reader.fields(node, "basic_auth", .basicAuth)
        let username = secret(fields, "username", "username_file", node, &reader)
        let password = secret(fields, "password", "password_file", node, &reader)
        return .basic(username: username ?? .text(""), password: password ?? .text(""))
    }

    private static func scheme(_ node: Node, _ reader: inout NodeReader) -> ScrapeAuthorization {
        let fields = reader.fields(node, "authorization", .authorization)
        let type = reader.text(fields["type"], "type") ?? "Bearer"
        if type.lowercased() == "basic" {
            reader.fail(node.location, "authorization type cannot be set to \"basic\", use \"basic_auth\" instead")
        }
        checkHeader(type, "type", fields["type"] ?? node, &reader)
        checkHeader(try? fields["credentials"]?.anyText(), "credentials", fields["credentials"] ?? node, &reader)
        guard let secret = secret(fields, "credentials", "credentials_file", node, &reader) else { return .none }
        return .scheme(type, secret)
    }

    /// Refuses a text that would end the header line it goes into. The message doesn't repeat it.
    private static func checkHeader(_ text: String?, _ key: String, _ node: Node, _ reader: inout NodeReader) {
        guard let text, text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { return }
        reader.fail(node.location, "\(key) has a line break or another control character, which no header can have")
    }

    /// A secret, given as text or by the path of its file, not both.
    static func secret(
        _ fields: [String: Node], _ key: String, _ fileKey: String, _ node: Node, _ reader: inout NodeReader
    ) -> ScrapeSecret? {
        let text = reader.text(fields[key], key)
        let path = reader.path(fields[fileKey], fileKey)
        if text != nil, path != nil {
            reader.fail(node.location, "at most one of \(key) & \(fileKey) must be configured")
        }
        return text.map { .text($0) } ?? path.map { .file($0) }
    }
}
