import Model
import Testing

@testable import AnalysisService

@Suite("Times of registered evaluations") struct EvaluationScheduleTests {
    @Test(
        "a newest verdict of any time, from a file, ends nothing", arguments: [Int64.min, -1, .latest, .max - 50, .max])
    func ends(newest: Timestamp) {
        for time in [Int64.min, 0, .latest, .max] {
            var schedule = EvaluationSchedule()
            schedule.evaluated(at: newest)
            let due = schedule.scraped(time, now: time)
            #expect(due.map { $0 >= time } == true)
            _ = schedule.begin(now: .max)
            _ = schedule.scraped(time, now: .max)
        }
    }
}
