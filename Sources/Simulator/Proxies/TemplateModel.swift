import Rollout

/// A pod template, as far as a simulated cluster cares.
package struct TemplateModel: Sendable, Hashable {
    /// The image. One that contains `never-ready` makes pods that never become ready.
    package var image: String

    /// A template.
    package init(image: String) { self.image = image }

    /// A hash that is equal for equal templates.
    package var hash: String { SpecHash.text(of: image.utf8) }

    /// The label `pod-template-hash` and the middle of pod names.
    var podHash: String { String(hash.suffix(10)) }

    var neverReady: Bool { image.contains("never-ready") }
}

extension String {
    /// The last five characters of the name of a workload's pod with that number.
    static func podSuffix(_ workload: String, _ number: Int) -> String {
        var hash = StableHash()
        hash.add("\(workload)/\(number)")
        return String(hash.text.suffix(5))
    }
}
