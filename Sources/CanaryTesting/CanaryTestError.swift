/// Why a file of unit tests for Canaries can't be used.
package struct CanaryTestError: Error, CustomStringConvertible {
    /// The sentence, with its location.
    package let description: String

    /// An error.
    package init(_ description: String) { self.description = description }
}
