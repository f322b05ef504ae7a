import Model
import Testing

@testable import TSDB

/// A log that has given up definitions of columns, as it does when it can't be written: the frames that need them can't be
/// used. They count as damage unless a `gone` frame says that retention has dropped their group.
@Suite("Frames of dropped groups") struct DroppedGroupFramesTests {
    /// The frames of a group that gets a column with each sample.
    private static func frames(isSeries: Bool) throws -> [[UInt8]] {
        let log = MemoryLog()
        let store = Database(DatabaseOptions(), log: log)
        let group = isSeries ? nil : try store.openGroup(GroupKey(job: "j", target: "t"))
        for number in 0..<3 {
            let time = 1_000 + Int64(number) * 1_000
            let labels: Labels = ["__name__": "metric", "n": "\(number)"]
            guard let group else {
                let series = SeriesSamples(labels: labels, times: [time], values: [.float(1)])
                try #require(store.append([series], at: time).appended == 1)
                continue
            }
            let column = try group.column(for: labels)
            var row = SampleRow(time: time, columnCount: column + 1)
            for earlier in 0...column { row.set(earlier, to: Double(number)) }
            try group.append(row)
        }
        let frames = log.frames.map(\.bytes)
        try #require(frames.map(\.first) == [1, isSeries ? 3 : 2, 1, isSeries ? 3 : 2, 1, isSeries ? 3 : 2])
        return frames
    }

    private static func report(of frames: [[UInt8]]) -> RecoveryReport {
        let recovery = DatabaseRecovery()
        for frame in frames { recovery.replay(frame, segment: 1) }
        _ = recovery.finish(now: 10_000)
        return recovery.report
    }

    private static func isWhole(_ report: RecoveryReport) -> Bool {
        report.framesUnusable == 0 && report.bytesDropped == 0 && report.firstProblem == nil && report.damaged.isEmpty
    }

    @Test(
        "frames without the definition of a column are damage, and none once retention has dropped the group",
        arguments: [false, true], [[2], [4], [2, 4], [0], [0, 2]])
    func givenUp(isSeries: Bool, missing: [Int]) throws {
        let all = try Self.frames(isSeries: isSeries)
        let id = try #require(all[0].dropFirst().first)
        #expect(Self.isWhole(Self.report(of: all)))
        let kept = all.enumerated().filter { !missing.contains($0.offset) }.map(\.element)
        let damaged = Self.report(of: kept)
        #expect(damaged.framesUnusable > 0 && damaged.firstProblem != nil)
        #expect(damaged.frames + damaged.framesUnusable == kept.count)
        let lost = try #require(damaged.damaged.first)
        #expect(damaged.damaged.contains { $0.contains(3_000) }, "\(lost)")
        let gone = Self.report(of: kept + [FrameContent.gone(UInt64(id))])
        #expect(Self.isWhole(gone), "\(gone)")
        // What is lost of the group behind that frame is damage again.
        let again = Self.report(of: kept + [FrameContent.gone(UInt64(id)), kept[kept.count - 1]])
        #expect(again.framesUnusable == 1 && !again.damaged.isEmpty)
        // The loss of another group is, too.
        let other = Self.report(of: kept + [FrameContent.gone(UInt64(id) + 1)])
        #expect(other.framesUnusable == damaged.framesUnusable && other.damaged == damaged.damaged)
    }

    @Test("what a time frame ends is declared up to there, also when the clock was set back")
    func timed() throws {
        let frames = try Self.frames(isSeries: true)
        let kept = [FrameContent.time(500_000), frames[0], frames[1], frames[3]]
        func window(_ times: [Timestamp]) throws -> TimeWindow {
            let report = Self.report(of: kept + times.map(FrameContent.time))
            return try #require(report.damaged.first)
        }
        let options = DatabaseOptions()
        let future = try #require(options.futureTolerance)
        #expect(try window([501_000]).end >= 501_000 + future && window([501_000, 90_000_000]).end < 90_000_000)
        #expect(try window([100_000]).end >= 500_000 + future)
        if let past = options.outOfOrderWindow {
            #expect(try window([100_000]).start <= 100_000 - past)
            #expect(try window([501_000]).start <= 500_000 - past)
        }
    }
}
