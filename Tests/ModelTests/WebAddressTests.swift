import Model
import Testing

@Suite("Addresses of servers") struct WebAddressTests {
    @Test(
        "hosts and ports that can be connected to",
        arguments: [
            "http://prometheus:9090", "https://prometheus", "http://127.0.0.1:65535/prometheus", "http://[::1]:9090",
            "http://[::1]", "http://user:secret@host:1?a=:99999", "http://host:", "http://a:99999@host",
        ])
    func fine(url: String) { #expect(WebAddress.problem(in: url) == nil) }

    @Test(
        "what can't be connected to",
        arguments: [
            ("http://127.0.0.1:99999", "found 99999"), ("https://h:65536/", "found 65536"), ("http://h:0", "found 0"),
            ("http://h:99999999999999999999999", "found 99999999999999999999"), ("http://h:-1", "from 1 to 65535"),
            ("http://user:secret", "from 1 to 65535"), ("http://[::1]:99999", "found 99999"),
            ("http://a@h:99999", "found 99999"), ("http://", "host is missing"), ("http://[]:80", "host is missing"),
            ("http://:80", "host is missing"), ("http://[::1", "closing bracket"),
            ("http://[::1]9", "other than a port"),
            ("ftp://x", "http://"), ("http://127.0.0.1\\:99999", "character"), ("http://h :80", "character"),
            ("http://a@127.0.0.1:99999@c", "%40"), ("http://h:99999%20", "from 1 to 65535"), ("http://h:+80", "from 1"),
        ])
    func refused(url: String, reason: String) {
        let problem = WebAddress.problem(in: url)
        #expect(problem?.contains(reason) == true, "\(problem ?? "none")")
        #expect(problem?.contains("secret") != true)
    }
}
