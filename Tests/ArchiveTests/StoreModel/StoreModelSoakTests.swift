import TestSupport
import Testing

/// What was acknowledged stays, in whichever order rows come, chunks are sealed and stored, log files begun and removed,
/// and whenever the process is killed: the model explored, and the store taken through all that the model can do.
@Suite("Store model") struct StoreModelSoakTests {
    @Test("no interleaving of steps and kills loses what was acknowledged", arguments: StoreExploration.beginnings)
    func exploration(_ beginning: [StoreModel.Step]) {
        let exploration = StoreExploration(from: beginning, depth: SoakBudget.size(4, full: 6))
        #expect(exploration.failure == nil)
    }

    @Test("longer sequences in which store or model were wrong", arguments: StoreExploration.found)
    func found(_ path: [StoreModel.Step]) throws {
        #expect(StoreExploration(from: path, depth: 0).failure == nil)
        let driver = try StoreDriver()
        try driver.run(path, checking: 0)
        #expect(driver.kills > 0)
    }

    @Test("each fault that the store had is found by the exploration", arguments: StoreModel.Fault.allCases)
    func faults(_ fault: StoreModel.Fault) {
        let found = StoreExploration.beginnings.contains { beginning in
            StoreExploration(from: beginning, depth: 4, fault: fault).failure != nil
        }
        #expect(found, "\(fault) is not found")
    }

    @Test("the store does what the model does, killed at each change of a file", arguments: StoreExploration.beginnings)
    func driven(_ beginning: [StoreModel.Step]) throws {
        let isFirst = StoreExploration.beginnings.prefix(2).contains(beginning)
        let depth = SoakBudget.size(isFirst ? 3 : 2, full: 4)
        let exploration = StoreExploration(from: beginning, depth: depth)
        var kills = 0
        var runs = 0
        func run(_ path: [StoreModel.Step], checking first: Int, idle: [StoreModel.Step]) throws {
            let driver = try StoreDriver()
            try driver.run(path, checking: first, idle: idle)
            kills += driver.kills
            runs += 1
        }
        for (index, node) in exploration.nodes.enumerated() {
            let idle = node.edges.filter { $0.target == index }.map(\.step)
            if index == 0 || !idle.isEmpty {
                try run(node.path, checking: index == 0 ? 0 : node.path.count, idle: idle)
            }
            for edge in node.edges where edge.target != index {
                try run(node.path + [edge.step], checking: node.path.count, idle: [])
            }
        }
        print("store model from \(beginning): \(exploration.nodes.count) states, \(runs) runs, \(kills) kills")
    }
}
