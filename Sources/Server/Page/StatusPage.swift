/// The page at `/`: ask a query and see it drawn, see the targets. One document, nothing fetched from elsewhere.
enum StatusPage {
    /// The document of `Assets/`, which the build embeds, with style and script in it; `{{nonce}}` stands for the word.
    private static let template = text(PackageResources.page_html)
        .replacing("{{style}}", with: text(PackageResources.page_css))
        .replacing("{{script}}", with: text(PackageResources.page_js))

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// The whole document. Only its own script and style run in it: they carry a word that is new in each answer, so that
    /// nothing that a label value brings along does. No other page may show it in a frame.
    static func answer() -> APIResponse {
        let word = String(UInt64.random(in: 0 ... .max), radix: 16) + String(UInt64.random(in: 0 ... .max), radix: 16)
        let html = template.replacing("{{nonce}}", with: word)
        var answer = APIResponse(status: 200, contentType: "text/html; charset=utf-8", body: Array(html.utf8))
        answer.headers = [
            (
                "Content-Security-Policy",
                "default-src 'none'; script-src 'nonce-\(word)'; style-src 'nonce-\(word)'; connect-src 'self'; "
                    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            ),
            ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
        ]
        return answer
    }
}
