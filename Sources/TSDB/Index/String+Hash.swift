import Model

extension String {
    /// A hash of the bytes, keyed anew in each process.
    var textHash: UInt64 {
        var hasher = Hasher()
        var text = self
        text.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}

extension Labels {
    /// A hash of the texts, the same for equal sets within one process whatever the symbol table. Made of the hashes of the
    /// texts, so that who has many sets of few texts hashes each text once (`NumberedLabels`).
    var textHash: UInt64 {
        var hash = WordHash()
        for label in self {
            hash.combine(label.name.textHash)
            hash.combine(label.value.textHash)
        }
        return hash.value
    }
}
