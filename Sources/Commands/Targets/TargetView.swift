import Console
import Documents
import Model

/// A scrape target as `/api/v1/targets` tells of it.
struct TargetView {
    var job: String
    var url: String
    /// The label `instance`, else the host of the URL.
    var name: String
    /// `namespace/pod` where the labels say so.
    var pod: String
    var health: String
    /// Why the last scrape failed, empty when it worked.
    var error: String
    /// `nil` before the first scrape.
    var lastScrape: Timestamp?
    var seconds: Double
    /// Samples of the last good scrape; `nil` where the server does not tell.
    var samples: Int?
    /// The target as it came.
    var node: Node

    /// One target of the answer.
    init(_ node: Node) throws {
        self.node = node
        job = try node["scrapePool"]?.string() ?? ""
        url = try node["scrapeUrl"]?.string() ?? ""
        let labels = node["labels"]
        func label(_ name: String) throws -> String { try labels?[name]?.string() ?? "" }
        name = try label("instance")
        if name.isEmpty { name = url }
        let owner = [try label("namespace"), try label("pod")].filter { !$0.isEmpty }
        pod = owner.joined(separator: "/")
        health = try node["health"]?.string() ?? "unknown"
        error = try node["lastError"]?.string() ?? ""
        lastScrape = try node["lastScrape"].flatMap { RFC3339.parse(try $0.string()) }.flatMap { $0 > 0 ? $0 : nil }
        seconds = try node["lastScrapeDuration"]?.double() ?? 0
        samples = try? node["samples"]?.int()
    }

    /// The targets of an answer, those that are down first, then by job and name.
    static func list(_ document: Node) throws -> [TargetView] {
        guard let list = document["data"]?["activeTargets"] else {
            throw CommandError.unreachable("the answer lists no targets; is this a Prometheus-compatible server?")
        }
        return try list.elements().map(TargetView.init).sorted {
            ($0.health == "up" ? 1 : 0, $0.job, $0.pod, $0.name) < ($1.health == "up" ? 1 : 0, $1.job, $1.pod, $1.name)
        }
    }

    /// The error in plain words: what HTTP's number means for a proxy, and what cures it.
    var plainError: String {
        if error.contains("403") { return "\(error): the proxy's inbound policy forbids scraping" }
        if error.contains("onnection refused") { return "\(error): nothing listens there" }
        return error
    }
}

/// What `haldane targets` prints.
struct TargetTable {
    let targets: [TargetView]
    let now: Timestamp

    /// The lines: a row per target, then how many there are.
    var lines: [String] {
        let hasPods = targets.contains { !$0.pod.isEmpty }
        var columns: [(title: String, alignment: Table.Alignment)] = [("state", .left), ("job", .left)]
        if hasPods { columns.append(("pod", .left)) }
        columns += [("target", .left), ("ago", .right), ("took", .right), ("samples", .right)]
        let hasProblems = targets.contains { !$0.error.isEmpty }
        if hasProblems { columns.append(("problem", .left)) }
        var table = Table(columns)
        for target in targets {
            var cells = [Table.Cell(target.health, Self.style(target.health)), Table.Cell(target.job)]
            if hasPods { cells.append(Table.Cell(target.pod.isEmpty ? "-" : target.pod)) }
            cells += [
                Table.Cell(target.name),
                Table.Cell(target.lastScrape.map { Self.ago(now.minusClamped($0)) } ?? "never"),
                Table.Cell(target.lastScrape == nil ? "-" : FloatText.fixed(target.seconds * 1000, places: 1) + " ms"),
                Table.Cell(target.samples.map(String.init) ?? "-"),
            ]
            if hasProblems { cells.append(Table.Cell(target.plainError)) }
            table.add(cells)
        }
        return table.lines(fitting: Terminal.foldWidth)
    }

    /// How many of all targets are in which state.
    static func summary(_ all: [TargetView]) -> String {
        let down = all.count { $0.health == "down" }
        let unknown = all.count { $0.health != "down" && $0.health != "up" }
        var parts = ["\(all.count) \(all.count == 1 ? "target" : "targets")", "\(down) down"]
        if unknown > 0 { parts.append("\(unknown) not scraped yet") }
        return parts.joined(separator: ", ")
    }

    private static func ago(_ length: Milliseconds) -> String {
        if length < 1000 { return "now" }
        return PrometheusDuration.text(length / 1000 * 1000)
    }

    private static func style(_ health: String) -> Terminal.Style {
        switch health {
        case "up": .good
        case "down": .bad
        default: .unsure
        }
    }
}
