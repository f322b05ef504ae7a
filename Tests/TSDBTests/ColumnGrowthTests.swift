import Model
import Synchronization
import TestSupport
import Testing

@testable import TSDB

/// Columns that come later and continue a chain: rows and chunks from before are read by the chains of their own columns.
@Suite("Histograms that get buckets") struct ColumnGrowthTests {
    /// What a target shows, scrape by scrape: bounds of buckets, or whole names.
    struct Story: CustomTestStringConvertible, Sendable {
        var scrapes: [String]
        var testDescription: String { scrapes.joined(separator: " | ") }
        init(_ scrapes: String...) { self.scrapes = scrapes }
    }

    static let stories = [
        Story("5", "10"), Story("10", "5"), Story("5", "5 10"), Story("x", "x 5", "x 5 10"),
        Story("5", "5 10", "5 10 20", "5 10 20 50", "5 10 20 50 +Inf", "5 10 20 50 +Inf sum", "+Inf sum count"),
        Story("+Inf", "+Inf count"), Story("+Inf", "+Inf sum", "+Inf sum count"),
        Story("", "1 +Inf", "1 5 10 +Inf sum count"),
        Story("1 5 10 +Inf sum count", "", "1", "10"), Story("5", "", "5 10", "", "10", "5 10"),
        Story("5", "5", "5", "10", "5 10", "5 10", "20", "5 10 20"), Story("1 +Inf sum", "1 5 +Inf sum", "count"),
        // The chain goes on in the next word of 64 columns.
        Story("\(fill(63)) 5", "\(fill(63)) 5 10", "10", "5 10"), Story("\(fill(62)) +Inf sum", "+Inf sum count"),
        Story("\(fill(63)) +Inf", "+Inf count"),
    ]

    private static func fill(_ count: Int) -> String { (0..<count).map { "f\($0)" }.joined(separator: " ") }

    private static func labels(_ word: String) -> Labels {
        if word == "sum" || word == "count" { return ["__name__": "l_\(word)", "p": "q"] }
        if Double(word) != nil { return ["__name__": "l_bucket", "le": word, "p": "q"] }
        return ["__name__": word]
    }

    /// A store that follows a story, and its oracle.
    private struct Replay {
        var options = DatabaseOptions()
        let log = KeptLog()
        let archive = KeptArchive()
        let oracle = ArrayStore()
        var store: Database
        var time: Timestamp = 0

        init(checkpoints: Int) {
            options.retention = nil
            options.checkpointRows = checkpoints
            store = Database(options, log: log, archive: archive)
        }

        mutating func scrape(_ words: String) throws {
            time += 1_000
            let group = try store.openGroup(GroupKey(job: "j", target: "t"))
            var cells: [(column: Int, value: Double)] = []
            for (position, word) in words.split(separator: " ").map(String.init).enumerated() {
                let labels = ColumnGrowthTests.labels(word)
                let value = Double(Int(time) / 1_000 * 3 + position)
                cells.append((try group.column(for: labels), value))
                oracle.add(labels, time, value)
            }
            var row = SampleRow(time: time, columnCount: (cells.map(\.column).max() ?? -1) + 1)
            for (column, value) in cells { row.set(column, to: value) }
            try group.append(row)
        }

        mutating func restart() throws {
            let (database, report) = try log.recover(options, archive, now: time)
            #expect(report.framesUnusable == 0, "\(report.firstProblem ?? "")")
            #expect(report.damaged.isEmpty)
            store = database
        }

        /// Compares windows that begin with each row, and windows that end with each.
        func check(_ note: String) throws {
            let snapshots = stride(from: Int64(0), to: time, by: 1_000)
            let windows =
                snapshots.map { TimeWindow(after: $0, through: time) }
                + snapshots.map { TimeWindow(after: -1, through: $0) }
            for window in windows {
                try StoreComparison.compare(store, oracle, [], window, note)
                try StoreComparison.compare(store, oracle, [Matcher(name: "le", equals: "10")], window, note)
            }
            #expect(try store.select([SelectRequest([], .always)])[0].damaged.isEmpty, "\(note)")
        }
    }

    @Test("every read of every row is right: open, sealed, archived, recovered", arguments: stories)
    func everyRead(_ story: Story) throws {
        // Sealed behind each scrape in turn, or never.
        for sealed in 0...story.scrapes.count {
            let checkpoints = sealed % 2 == 0 ? 2 : 60
            var replay = Replay(checkpoints: checkpoints)
            let note = "checkpoints every \(checkpoints), sealed behind \(sealed)"
            for (position, words) in story.scrapes.enumerated() {
                try replay.scrape(words)
                if position + 1 == sealed {
                    replay.store.seal(now: 0, all: true)
                    if sealed % 3 == 0 { try replay.store.archive(now: 0, force: true) }
                }
            }
            try replay.check(note)
            try replay.restart()
            try replay.check("\(note), recovered")
            try replay.scrape(story.scrapes[0])
            try replay.store.rewriteAll(now: 0)
            try replay.check("\(note), stored anew")
            try replay.scrape("5 10 20 30 +Inf count")
            try replay.restart()
            try replay.check("\(note), recovered again")
        }
    }

    /// An hour file defines all columns that its group has when it is written: also those that only later open rows have.
    @Test("rows of the log are read by their own columns when the archive knows more", arguments: [1, 2, 3])
    func definitionsAheadOfRows(_ rows: Int) throws {
        var replay = Replay(checkpoints: 1)
        replay.options.chunkRows = rows
        replay.store = Database(replay.options, log: replay.log, archive: replay.archive)
        for words in ["5", "5 10", "5 10 20", "5 10 20 50", "5 10 20 50 +Inf", "5 10 20 50 +Inf count"].prefix(rows * 2)
        {
            try replay.scrape(words)
        }
        try replay.store.archive(now: 0, force: true)
        #expect(!replay.archive.blocks.isEmpty && replay.store.statistics().chunks == 1)
        try replay.restart()
        try replay.check("recovered")
    }

    @Test("a query whose index is older than the chunk still reads it") func olderIndex() throws {
        var replay = Replay(checkpoints: 60)
        try replay.scrape("1 5")
        let view = replay.store.view
        try replay.scrape("1 5 10 +Inf sum count")
        replay.store.seal(now: 0, all: true)
        var builder = SelectionBuilder(view, damage: [], replay.store.counters, SelectorCache())
        let selection = builder.selection(SelectRequest([Matcher(name: "le", equals: "5")], .always))
        let found = try StoreComparison.contents(selection, .always)
        #expect(found.values.flatMap { $0.map { Double(bitPattern: $0.bits) } } == [4, 7])
        try replay.check("afterwards")
    }

    @Test("random chains and widths: rows, decoders and chunks give the cells that were coded", arguments: 0..<80)
    func random(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let columns = Int.random(in: 1...140, using: &random)
        var head = HeadRows()
        head.chains = BucketChains(random: &random, columns: columns)
        var width = Int.random(in: 0...columns, using: &random)
        var values = [Double](repeating: 5, count: columns)
        var cells: [[UInt64?]] = []
        for row in 0..<30 {
            if random.chance(60) { width = min(columns, width + random.pick([1, 1, 2, 30], or: 1)) }
            var sample = SampleRow(time: Int64(row), columnCount: width)
            for column in 0..<width where !random.chance(10) {
                if random.chance(60) { values[column] += Double(Int.random(in: 1...2, using: &random)) }
                if random.chance(3) { values[column] = random.pick([0, 0.5, .infinity, SpecialValue.stale], or: 0) }
                sample.set(column, to: values[column])
            }
            cells.append((0..<columns).map { sample.has($0) ? sample.values[$0].bitPattern : nil })
            _ = head.append(sample, columnCount: width, absolute: row % 7 == 0)
        }
        var decoder = CheckpointDecoder(ColumnMask(Array(0..<columns), head.chains))
        for row in [3, 9, 29, 0, 15, 16, 17, 18] {
            var snapshot = CellSnapshot()
            try decoder.move(to: row, in: head)
            decoder.cells.read(Array(0..<columns), into: &snapshot)
            for column in 0..<columns {
                let bits = snapshot[column].kind == .absent ? nil : snapshot[column].bits
                #expect(bits == cells[row][column], "decoder, row \(row), column \(column)")
            }
        }
        for rows in [1, 7, 30] where head.cut(atOrBefore: rows) == rows {
            let chunk = try Chunk(try ChunkSealer.seal(head, rowCount: rows))
            var reader = ColumnReader(chunk, head.chains)
            for column in 0..<columns {
                var found = [UInt64?](repeating: nil, count: rows)
                try reader.runs(of: column, in: 0..<rows) { run in for row in run.rows { found[row] = run.bits } }
                #expect(found == (0..<rows).map { cells[$0][column] }, "chunk of \(rows), column \(column)")
            }
            var rest = head
            try rest.removeFirst(rows)
            #expect(rest.count == 30 - rows)
        }
    }

    /// `l_count` with a label `le` and one without it fit the same bucket.
    @Test("no two columns are chained to the same one") func twoSuccessors() throws {
        var replay = Replay(checkpoints: 60)
        let sets: [Labels] = [
            ["__name__": "l_bucket", "le": "+Inf", "p": "q"], ["__name__": "l_count", "le": "+Inf"],
            ["__name__": "l_count", "p": "q"],
        ]
        let group = try replay.store.openGroup(GroupKey(job: "j", target: "t"))
        for labels in sets { _ = try group.column(for: labels) }
        for (time, values) in [[1.0, 1, 1], [4, 4, 4], [5, 7, 6], [9, 7, 10]].enumerated() {
            var row = SampleRow(time: Int64(time) * 1_000, columnCount: 3)
            for (column, value) in values.enumerated() {
                row.set(column, to: value)
                replay.oracle.add(sets[column], row.time, value)
            }
            try group.append(row)
            replay.time = row.time
        }
        try replay.check("open")
        replay.store.seal(now: 0, all: true)
        try replay.check("sealed")
    }
}
