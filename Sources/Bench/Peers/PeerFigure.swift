/// A row of the comparison with peers.
enum PeerFigure: Hashable {
    case ingestion
    case anonymous
    case proportional
    case peak
    case perSeries
    case idle
    case growth
    case samplesOnDisk
    case indexOnDisk
    case written
    case processor(CanaryQuestion)
    case latency(CanaryQuestion)
    case queriesPerSecond
    case ready
    case binary

    /// Every row, in the order of the table.
    package static let all: [PeerFigure] =
        [
            .ingestion, .anonymous, .proportional, .peak, .perSeries, .idle, .growth, .samplesOnDisk, .indexOnDisk,
            .written,
        ] + CanaryQuestion.allCases.flatMap { [.processor($0), .latency($0)] } + [.queriesPerSecond, .ready, .binary]

    /// What it is, and its unit.
    package var title: (name: String, unit: String) {
        switch self {
        case .ingestion: ("ingestion, CPU", "s/M samples")
        case .anonymous: ("anonymous memory", "MB")
        case .proportional: ("PSS", "MB")
        case .peak: ("peak RSS", "MB")
        case .perSeries: ("PSS less idle process", "B/series")
        case .idle: ("PSS of the idle process", "MB")
        case .growth: ("PSS after the queries", "x before")
        case .samplesOnDisk: ("disk, samples", "B/sample")
        case .indexOnDisk: ("disk, index", "B/series")
        case .written: ("written", "B/sample")
        case .processor(let question): (question.rawValue + ": CPU", "ms/query")
        case .latency(let question): (question.rawValue + ": p50", "ms")
        case .queriesPerSecond: ("success rate, 4 connections", "queries/s")
        case .ready: ("start to ready, empty", "s")
        case .binary: ("binary, stripped", "MB")
        }
    }

    /// Digits after the point.
    package var places: Int {
        switch self {
        case .ingestion, .growth, .samplesOnDisk, .written, .processor, .latency, .ready: 3
        case .anonymous, .proportional, .peak, .idle, .binary: 1
        case .perSeries, .indexOnDisk, .queriesPerSecond: 0
        }
    }
}

/// What Haldane's figure is to be.
struct PeerGate {
    /// In the row's unit.
    var must: Double
    /// Haldane's figure over Prometheus's in the same run. It decides where Prometheus ran.
    var ratio: Double?
    /// In the row's unit.
    var goal: Double
    /// More is better.
    var isFloor = false

    /// Whether figure and ratio are as they must be.
    package func holds(_ value: Double, ratio measured: Double?) -> Bool {
        if let ratio, let measured { return isFloor ? measured >= ratio : measured <= ratio }
        return isFloor ? value >= must : value <= must
    }

    /// Whether the goal is reached.
    func reaches(_ value: Double) -> Bool { isFloor ? value >= goal : value <= goal }
}

extension PeerFigure {
    /// The targets, where there is one.
    package func gate(_ workload: PeersCase) -> PeerGate? {
        let large = workload == .large
        switch self {
        case .ingestion:
            return switch workload {
            case .small, .large: PeerGate(must: 0.33, ratio: 1 / 5, goal: 0.15)
            case .churn: PeerGate(must: 0.50, ratio: 1 / 4, goal: 0.25)
            case .identity: PeerGate(must: 0.20, ratio: 1 / 9, goal: 0.08)
            }
        case .growth: return PeerGate(must: 1.12, goal: 1.02)
        case .ready: return PeerGate(must: 0.1, goal: 0.1)
        case .binary: return PeerGate(must: 40, goal: 25)
        default: break
        }
        guard workload == .small || large else { return nil }
        switch self {
        case .anonymous: return PeerGate(must: large ? 40 : 15, ratio: 1 / 28, goal: large ? 30 : 10)
        case .proportional:
            return PeerGate(must: large ? 65 : 40, ratio: large ? 1 / 18 : 1 / 11, goal: large ? 45 : 25)
        case .peak: return PeerGate(must: large ? 90 : 55, goal: large ? 60 : 35)
        case .perSeries: return PeerGate(must: 300, ratio: large ? 1 / 19 : 1 / 27, goal: 150)
        case .samplesOnDisk:
            return PeerGate(must: large ? 0.2 : 0.1, ratio: large ? 1 / 11 : 1 / 17, goal: large ? 0.13 : 0.07)
        case .indexOnDisk: return PeerGate(must: 40, ratio: 1 / 6, goal: 20)
        case .written: return PeerGate(must: 0.6, ratio: 1 / 11, goal: 0.33)
        case .processor(.successRate): return PeerGate(must: 0.07, ratio: 1 / 5, goal: 0.05)
        case .processor(.p99): return PeerGate(must: 0.36, ratio: 1 / 20, goal: 0.10)
        case .processor(.fleetRate): return PeerGate(must: large ? 1.4 : 0.6, goal: large ? 0.6 : 0.2)
        case .processor(.fleetP99):
            return PeerGate(must: large ? 20 : 7, ratio: large ? 1 / 44 : 1 / 30, goal: large ? 4 : 1.5)
        case .processor(.p99Range): return PeerGate(must: 0.7, goal: 0.2)
        case .queriesPerSecond: return PeerGate(must: 15_000, ratio: 8, goal: 20_000, isFloor: true)
        default: return nil
        }
    }
}
