/// What the type checker and the printer need to know of a function.
package struct FunctionSignature: Sendable {
    /// The name as written in queries.
    package let name: String
    /// Types of the arguments, optional ones included.
    package let arguments: [ValueType]
    /// How many arguments may be left out or added: 0 exactly `arguments`; n > 0 the last n may be left out;
    /// -1 the last one may be left out or repeated without limit.
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
}
