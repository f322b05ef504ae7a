/// How checks are planned.
package struct PlanOptions: Sendable, Hashable {
    /// Ask templates' own addresses over HTTP instead of evaluating in process.
    package var honoursAddress: Bool
    /// Series that begin between two good scrapes of one process are taken to begin at 0; off for Flagger-exactness.
    package var zeroStart: Bool
    /// Where the steps begin over which sequential tests run. The default suits evaluations in any number: each step
    /// has one test. `trailing` is for single ones, and for ticks that are a step apart.
    package var steps: StepClock

    /// Options; the defaults evaluate everything in process, with zero start.
    package init(honoursAddress: Bool = false, zeroStart: Bool = true, steps: StepClock = .every(from: 0)) {
        self.honoursAddress = honoursAddress
        self.zeroStart = zeroStart
        self.steps = steps
    }
}
