/// How checks are planned.
package struct PlanOptions: Sendable, Hashable {
    /// Where templates may be asked over HTTP instead of being evaluated in process, if their Canary says so.
    package var templateHosts: TemplateHosts
    /// Ask all templates at these hosts, whatever their Canary says.
    package var honoursAllTemplates: Bool
    /// Whether credentials go along: those of the templates' Secrets, addresses and headers. Never for objects that
    /// came in a request.
    package var sendsCredentials: Bool
    /// Series that begin between two good scrapes of one process are taken to begin at 0; off for Flagger-exactness.
    package var zeroStart: Bool
    /// Where the steps begin over which sequential tests run. The default suits evaluations in any number: each step
    /// has one test. `trailing` is for single ones, and for ticks that are a step apart.
    package var steps: StepClock

    /// Options; the defaults evaluate everything in process, with zero start.
    package init(
        templateHosts: TemplateHosts = TemplateHosts(), honoursAllTemplates: Bool = false,
        sendsCredentials: Bool = false, zeroStart: Bool = true, steps: StepClock = .every(from: 0)
    ) {
        self.templateHosts = templateHosts
        self.honoursAllTemplates = honoursAllTemplates
        self.sendsCredentials = sendsCredentials
        self.zeroStart = zeroStart
        self.steps = steps
    }
}
