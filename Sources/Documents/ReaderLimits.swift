/// The limits of a reader, so that no document can exhaust memory or stack.
package struct ReaderLimits: Sendable {
    /// Size of the text in bytes.
    package var bytes: Int
    /// Depth of lists and mappings inside each other.
    package var depth: Int
    /// Number of values. A value that aliases repeat counts each time.
    package var nodes: Int

    /// Limits; the defaults hold any configuration that people write.
    package init(bytes: Int = 16 << 20, depth: Int = 100, nodes: Int = 1_000_000) {
        self.bytes = bytes
        self.depth = depth
        self.nodes = nodes
    }
}
