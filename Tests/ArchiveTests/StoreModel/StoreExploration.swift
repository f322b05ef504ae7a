/// All states that the model reaches from the end of a sequence of steps within a number of further ones.
struct StoreExploration {
    /// A state, how it was reached first, and where each step leads from it.
    struct Node {
        var model: StoreModel
        var path: [StoreModel.Step]
        var edges: [(step: StoreModel.Step, target: Int)] = []
    }

    private(set) var nodes: [Node] = []
    /// Steps that were taken.
    private(set) var transitions = 0
    /// The first sequence after which a kill loses what was promised, or declares something missing that is not.
    private(set) var failure: String?

    /// Beginnings that make the steps behind them worth more: an archived chunk whose log is gone, a log of two files with
    /// rows open, frames given up, a log file that can't be begun, two groups, the definition of a column given up whose group the
    /// log knows.
    static let beginnings: [[StoreModel.Step]] = [
        [],
        [.row, .series, .flush, .seal, .rotate(fails: false), .archive(fails: false)],
        [.row, .series, .flush, .rotate(fails: false), .row, .series],
        [.row, .flush, .seal, .archive(fails: true), .row, .giveUp],
        [.row, .flush, .rotate(fails: true), .series],
        [.series, .row, .close, .flush, .kill, .row],
        [.series, .flush, .giveUp],
    ]

    /// Sequences with more steps than `make test` explores in which a start declared good data damaged, or the model had
    /// what the store does not have.
    static let found: [[StoreModel.Step]] = [
        // The log has a sample whose column only an hour file defined that retention has removed.
        [.series, .flush, .giveUp, .row, .archive(fails: false), .expire(archiveFails: false)],
        [
            .row, .series, .flush, .seal, .rotate(fails: false), .archive(fails: false), .giveUp, .row,
            .archive(fails: false), .expire(archiveFails: true),
        ],
        // The log has the definition, which a column of the same group made before it needs, only in what was given up.
        [
            .series, .flush, .giveUp, .giveUp, .row, .archive(fails: false), .expire(archiveFails: false),
        ],
        // Retention drops a chunk that is not archived, and its log file has the definition of what is left.
        [
            .row, .series, .flush, .rotate(fails: false), .row, .series, .seal, .row, .expire(archiveFails: true),
            .release, .flush,
        ],
        // A row behind frames that were given up is coded against one of them.
        [.row, .flush, .seal, .archive(fails: true), .row, .giveUp, .row, .flush, .kill, .flush],
        [.row, .flush, .seal, .archive(fails: true), .row, .giveUp, .row, .rotate(fails: false), .kill, .flush],
        [.row, .flush, .seal, .archive(fails: true), .row, .giveUp, .row, .expire(archiveFails: false), .kill, .flush],
        // New series after a start go to a group of their own.
        [.series, .row, .close, .flush, .kill, .row, .giveUp, .archive(fails: false), .series, .flush],
    ]

    init(from beginning: [StoreModel.Step], depth: Int, fault: StoreModel.Fault? = nil) {
        var model = StoreModel(fault: fault)
        for step in beginning {
            model.apply(step)
            check(model, beginning)
        }
        model.disks = []
        nodes = [Node(model: model, path: beginning)]
        var known = [model: 0]
        var index = 0
        while index < nodes.count {
            let node = nodes[index]
            if node.path.count - beginning.count < depth {
                for step in StoreModel.Step.all {
                    var next = node.model
                    next.apply(step)
                    transitions += 1
                    check(next, node.path + [step])
                    if failure != nil { return }
                    next.disks = []
                    if known[next] == nil {
                        known[next] = nodes.count
                        nodes.append(Node(model: next, path: node.path + [step]))
                    }
                    nodes[index].edges.append((step, known[next] ?? 0))
                }
            }
            index += 1
        }
    }

    private mutating func check(_ model: StoreModel, _ path: [StoreModel.Step]) {
        for kill in model.disks where failure == nil {
            let recovery = StoreRecovery(kill.disk, model.fault)
            let missing = kill.acknowledged.subtracting(recovery.samples).filter { $0 > model.expired }
            if !missing.isEmpty { failure = "\(path): a kill loses \(missing.sorted())" }
            if recovery.isDamaged, !kill.mayBeDamaged { failure = "\(path): a kill makes a start declare damage" }
        }
    }
}
