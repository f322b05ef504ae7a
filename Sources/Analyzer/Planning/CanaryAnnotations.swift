import Documents
import FlaggerAPI

/// Our annotations of one Canary, read and checked.
struct CanaryAnnotations {
    /// Where they stand.
    static let path = NodePath("metadata.annotations")

    /// Fewest requests that allow a judgement; 0 asks for none.
    private(set) var requestsMin: Double = 0
    /// Whether series may be taken to begin at 0.
    private(set) var zeroStart = true
    /// Comparisons with the primary, by key.
    private var comparisons: [String: Comparison] = [:]
    /// Rates of sequential tests, by key.
    private var rates: [String: SequentialRates] = [:]
    /// What is wrong with one of them; all checks have the problem then, because none is what was meant.
    private(set) var problem: SpecProblem?

    init(_ canary: Canary) {
        let known = Annotation.known(for: canary)
        for (key, text) in canary.annotations.sorted(by: { $0.key < $1.key }) {
            do throws(AnnotationFault) { try read(key, text, known: known) } catch {
                let message = "annotation \(key): \(error.message)"
                problem = SpecProblem(.badAnnotation, message, path: Self.path.key(key))
                return
            }
        }
    }

    private mutating func read(_ key: String, _ text: String, known: [String]) throws(AnnotationFault) {
        if let fault = Annotation.fault(of: key, known: known) { throw fault }
        if key == Annotation.minimumRequests {
            guard let number = Double(text), number >= 0, number.isFinite else {
                throw AnnotationFault("wanted a number, found \"\(text)\"")
            }
            requestsMin = number
        } else if key == Annotation.zeroStart {
            guard text == "off" else { throw AnnotationFault("wanted off, found \"\(text)\"") }
            zeroStart = false
        } else if key == Annotation.queryAddress {
            guard text == "honour" else { throw AnnotationFault("wanted honour, found \"\(text)\"") }
        } else if key.hasPrefix(Annotation.compare) {
            comparisons[key] = try Comparison(parsing: text)
        } else if key.hasPrefix(Annotation.sequential) {
            rates[key] = try SequentialRates(parsing: text)
        }
    }

    /// What is wrong with any of them, or with one about this metric.
    func problem(of metric: CanaryMetric) -> SpecProblem? {
        if let problem { return problem }
        guard sequential(of: metric.name) != nil, Builtin(rawValue: metric.name)?.unit != .percent else { return nil }
        let key = Annotation.key(Annotation.sequential, metric: metric.name)
        let names = Builtin.allCases.filter { $0.unit == .percent }.map(\.rawValue).joined(separator: " and ")
        let message = "annotation \(key): only \(names) count requests"
        return SpecProblem(.badAnnotation, message, path: Self.path.key(key))
    }

    /// The comparison asked for about a metric.
    func comparison(of metric: String) -> Comparison? {
        comparisons[Annotation.key(Annotation.compare, metric: metric)]
    }

    /// The sequential test asked for about a metric.
    func sequential(of metric: String) -> SequentialRates? {
        rates[Annotation.key(Annotation.sequential, metric: metric)]
    }
}
