/// What the type checker and the printer need to know of a function.
package struct FunctionSignature: Sendable {
    /// The name as written in queries.
    package let name: String
    /// Types of the arguments, optional ones included.
    package let arguments: [ValueType]
    /// Whether the last argument may be left out or repeated: 0 no; n > 0 it may occur 0 to n times; -1 it may occur
    /// any number of times.
    package let variadic: Int
    /// Type of the result.
    package let result: ValueType
    /// Whether it needs the `experimental-functions` switch.
    package let isExperimental: Bool

    /// A signature.
    package init(
        _ name: String, _ arguments: [ValueType], _ result: ValueType, variadic: Int = 0, experimental: Bool = false
    ) {
        self.name = name
        self.arguments = arguments
        self.result = result
        self.variadic = variadic
        isExperimental = experimental
    }

    /// The numbers of arguments a call may have.
    package var arity: ClosedRange<Int> {
        if variadic == 0 { return arguments.count...arguments.count }
        let least = max(0, arguments.count - 1)
        return variadic < 0 ? least...Int.max : least...(least + variadic)
    }

    /// The type of the argument at `index`, where the last one may be repeated.
    package func argumentType(_ index: Int) -> ValueType? {
        index < arguments.count ? arguments[index] : variadic == 0 ? nil : arguments.last
    }
}
