private import Foundation

/// How long the long tests run. A normal test run makes a few rounds from fixed seeds; `SOAK=1` (`make soak`) makes the
/// full number, `SOAK=5` five times that, and `SOAK_SEED` repeats the one round of that seed.
package enum SoakBudget {
    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// Whether the full length was asked for.
    package static var isFull: Bool { environment["SOAK"].map { $0 != "0" } ?? false }

    /// One of two sizes.
    package static func size<Value>(_ short: Value, full: Value) -> Value { isFull ? full : short }

    /// Seeds of the rounds to make.
    package static func seeds(_ short: Int, full: Int) -> ClosedRange<UInt64> {
        if let seed = environment["SOAK_SEED"].flatMap({ UInt64($0) }) { return seed...seed }
        let times = environment["SOAK"].flatMap { Int($0) } ?? 1
        return 1...UInt64(max(1, size(short, full: full * times)))
    }
}
