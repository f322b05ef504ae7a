import Glibc

/// The binary operators on two numbers.
enum BinaryArithmetic {
    /// The computation of an arithmetic operator; `nil` for the others.
    static func operation(_ op: BinaryOperator) -> (@Sendable (Double, Double) -> Double)? {
        switch op {
        case .add: { $0 + $1 }
        case .subtract: { $0 - $1 }
        case .multiply: { $0 * $1 }
        case .divide: { $0 / $1 }
        case .modulo: { fmod($0, $1) }
        case .power: { pow($0, $1) }
        case .atan2: { atan2($0, $1) }
        default: nil
        }
    }

    /// The test of a comparison; `nil` for the others.
    static func comparison(_ op: BinaryOperator) -> (@Sendable (Double, Double) -> Bool)? {
        switch op {
        case .equal: { $0 == $1 }
        case .notEqual: { $0 != $1 }
        case .greater: { $0 > $1 }
        case .less: { $0 < $1 }
        case .greaterOrEqual: { $0 >= $1 }
        case .lessOrEqual: { $0 <= $1 }
        default: nil
        }
    }

    /// An operator between scalars: comparisons give 0 and 1. `nil` for set operators and the like.
    static func scalar(_ op: BinaryOperator, _ left: Double, _ right: Double) -> Double? {
        if let operation = operation(op) { return operation(left, right) }
        return comparison(op).map { $0(left, right) ? 1 : 0 }
    }
}

/// An operator between two elements of vectors, or a vector's element and a scalar.
struct ElementOperation: Sendable {
    /// The operator.
    let op: BinaryOperator
    /// Whether a comparison gives 0 and 1 instead of filtering.
    let returnsBool: Bool
    /// Whether a filter keeps the right value, because the vector is on the right of a scalar.
    let keepsRight: Bool
    private let compute: (@Sendable (Double, Double) -> Double)?
    private let test: (@Sendable (Double, Double) -> Bool)?

    /// The operation; `nil` for operators that do not go element by element.
    init?(_ op: BinaryOperator, returnsBool: Bool, keepsRight: Bool = false) {
        self.op = op
        self.returnsBool = returnsBool
        self.keepsRight = keepsRight
        compute = BinaryArithmetic.operation(op)
        test = BinaryArithmetic.comparison(op)
        if compute == nil, test == nil { return nil }
    }

    /// Whether the result is no longer what the operands were.
    var changesMeaning: Bool { compute != nil }

    /// The result for two floats; `nil` when the comparison filters it out.
    @inline(__always)
    func apply(_ left: Double, _ right: Double) -> Double? {
        if let compute { return compute(left, right) }
        guard let test else { return nil }
        let holds = test(left, right)
        if returnsBool { return holds ? 1 : 0 }
        return holds ? (keepsRight ? right : left) : nil
    }
}
