package import Model

/// The plan of one reconciliation.
///
/// `actions` is the whole plan from the beginning of the reconciliation up to the first input that is not known yet. More
/// inputs only ever make it longer, so the shell performs what it has not performed yet, finds the input, and advances
/// again with everything it knew before plus that input.
package struct Transition: Sendable, Hashable {
    /// The status the plan leads to. Equal to the old one while `pending` is not `nil`, or when nothing changes.
    package var status: CanaryStatus
    /// What to do, in order, counted from the beginning of the reconciliation.
    package var actions: [Action]
    /// What must be known to go on; `nil` when the plan is complete.
    package var pending: PendingInput?
    /// Why the reconciliation ends as it does.
    package var reason: TransitionReason
    /// When to reconcile again, in milliseconds from now.
    package var requeueAfter: Milliseconds
}

/// Why a reconciliation ended where it did.
package enum TransitionReason: Sendable, Hashable {
    /// `spec.suspend` is set.
    case suspended
    /// The Canary is being deleted.
    case terminating
    /// The target cannot be used.
    case targetUnusable(String)
    /// An input is missing.
    case pending
    /// The primary was made or is not ready yet.
    case waitingForPrimary(String)
    /// The first version is served by the primary.
    case initialised
    /// Nothing changed.
    case noChange
    /// The route's weights can't be read.
    case routeUnreadable(String)
    /// A confirm hook said no.
    case waitingForApproval(hook: String)
    /// A run began.
    case started
    /// A newer revision came in mid-run.
    case restarted
    /// The canary's pods are not ready yet.
    case waitingForCanary(String)
    /// A check or hook failed; the count is the new one.
    case checkFailed(count: Int)
    /// Traffic moved on; the weight is the canary's.
    case advanced(weight: Int)
    /// A round of checks is through; rounds count from 1.
    case iterated(round: Int, of: Int)
    /// The template was copied to the primary.
    case promoted
    /// Traffic moves back to the primary; the weight is the canary's.
    case routingToPrimary(weight: Int)
    /// The release is done.
    case succeeded
    /// The release was taken back.
    case rolledBack
    /// The primary cannot run what it was given; the canary serves.
    case promotionFailed
}

/// How faithfully Flagger is followed where following it would do harm.
package enum RolloutPolicy: Sendable, Hashable {
    /// Flagger's contract, with these differences:
    /// - a revision that arrives in Failed while the primary is not ready is not forgotten;
    /// - a target that is put back to the promoted revision mid-run aborts the run;
    /// - a primary that is broken before a run begins, or before the first release, does not lead to a rollback
    ///   (there is nothing to take back, and after a failed promotion it would cut off the canary that serves);
    /// - a revision hash that Flagger wrote is taken to be that of the present template;
    /// - a first primary that was made from an older template gets the target's newest;
    /// - a target at zero replicas is no ready canary: traffic leaves it and it is scaled up again;
    /// - after a failed promotion traffic goes to the canary only when that is ready;
    /// - after the promotion a canary that became unready does not undo it;
    /// - a promotion in steps that finds all traffic on the primary goes on.
    case safe
    /// Flagger to the letter, for comparing with recordings.
    case flaggerExact
}
