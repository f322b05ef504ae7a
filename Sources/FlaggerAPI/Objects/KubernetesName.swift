/// Names that Kubernetes takes for objects. Others can't be those of anything in a cluster, and would lead elsewhere in paths and
/// texts.
package enum KubernetesName {
    /// Bytes that a name may have.
    private static let nameBytesMax = 253
    /// Bytes that a namespace, and each part of a name between dots, may have.
    private static let labelBytesMax = 63

    /// The fault of the name of an object, which must be a subdomain by RFC 1123; `nil` where nothing is. The sentence
    /// doesn't repeat the name.
    package static func problem(ofName name: String) -> String? {
        let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if name.utf8.count <= nameBytesMax, parts.allSatisfy({ isWord($0) }) { return nil }
        return "no Kubernetes object has such a name: wanted lower-case letters, digits, - and ., beginning and ending "
            + "with a letter or digit (an RFC 1123 subdomain of at most \(nameBytesMax) characters)"
    }

    /// The fault of a namespace, which must be a label by RFC 1123; `nil` where nothing is.
    package static func problem(ofNamespace namespace: String) -> String? {
        if namespace.utf8.count <= labelBytesMax, isWord(Substring(namespace).utf8) { return nil }
        return "no Kubernetes namespace has such a name: wanted lower-case letters, digits and -, beginning and ending "
            + "with a letter or digit (an RFC 1123 label of at most \(labelBytesMax) characters)"
    }

    private static func isWord(_ word: Substring.UTF8View) -> Bool {
        guard let first = word.first, let last = word.last, first != 0x2d, last != 0x2d else { return false }
        return word.allSatisfy { byte in
            (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2d
        }
    }
}
