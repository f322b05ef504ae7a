package import Analyzer
package import Documents
package import FlaggerAPI
package import Model

/// A registered Canary with all that stays the same between two evaluations. Immutable: a new registration makes a new
/// one.
package final class RegisteredAnalysis: Sendable {
    /// The registration as it came.
    package let registration: StoredRegistration
    /// The Canary of the registration.
    package let canary: Canary
    /// The checks that the Canary makes.
    package let checks: [Check]
    /// Which scrapes make an evaluation due.
    let scope: TargetScope
    /// What all its verdicts have in common.
    package let form: VerdictForm

    /// Namespace and name.
    package var name: AnalysisName { registration.name }

    /// Decodes and plans a registration. Credentials that are written in its objects are never sent for it, so they are
    /// not kept either.
    package init(_ registration: StoredRegistration, _ planning: PlanOptions) throws(RegistrationError) {
        let (objects, canary) = try Self.read(registration)
        self.registration = Self.withoutCredentials(registration)
        self.canary = canary
        checks = Analysis.plan(canary, templates: objects.templates.map(\.value), options: planning)
        scope = TargetScope(checks)
        form = VerdictForm(checks)
    }

    private static func read(_ registration: StoredRegistration) throws(RegistrationError) -> (ObjectFile, Canary) {
        let asked: EvaluationRequest
        let canary: Canary
        do {
            asked = try EvaluationRequest(
                registration.body, isYAML: registration.isYAML, defaultNamespace: registration.name.namespace)
        } catch {
            throw .unreadable([Finding(error)])
        }
        let objects = asked.objects
        if objects.hasErrors { throw .unreadable(objects.findings.filter { $0.severity == .error }) }
        do { canary = try asked.canary() } catch { throw .unreadable([Finding(error)]) }
        let found = AnalysisName(namespace: canary.reference.namespace, name: canary.reference.name)
        guard found == registration.name else { throw .otherName(found, wanted: registration.name) }
        let errors = Lint.findings(objects).filter { $0.severity == .error }
        guard errors.isEmpty else { throw .unusable(errors) }
        return (objects, canary)
    }

    /// The registration without credentials: as it came where there are none, else its objects written anew.
    private static func withoutCredentials(_ registration: StoredRegistration) -> StoredRegistration {
        let documents = documents(registration)
        let hidden = documents.map(ObjectSecrets.hidden)
        guard hidden.contains(where: { $0 != nil }) else { return registration }
        var json = JSONWriter()
        json.beginObject()
        writeObjects(zip(documents, hidden).map { $1 ?? $0 }, isYAML: registration.isYAML, to: &json)
        json.endObject()
        var clean = registration
        clean.body = json.bytes
        clean.isYAML = false
        return clean
    }

    /// Writes the objects as they were registered, as JSON: `"canary": {...}, "templates": [...]`.
    package func writeObjects(to json: inout JSONWriter) {
        Self.writeObjects(Self.documents(registration), isYAML: registration.isYAML, to: &json)
    }

    private static func writeObjects(_ documents: [Node], isYAML: Bool, to json: inout JSONWriter) {
        var canary: Node?
        var templates: [Node] = []
        for document in documents {
            if let node = document["canary"], EvaluationRequest.isRequest(document, isYAML: isYAML) {
                canary = node
                templates += (try? document["templates"]?.elements()) ?? []
            } else if (try? document["kind"]?.string()) == "Canary" {
                canary = document
            } else if (try? document["kind"]?.string()) == "MetricTemplate" {
                templates.append(document)
            }
        }
        json.key("canary")
        if let canary { json.node(canary) } else { json.null() }
        json.key("templates")
        json.beginArray()
        for template in templates { json.node(template) }
        json.endArray()
    }

    private static func documents(_ registration: StoredRegistration) -> [Node] {
        let documents = (try? EvaluationRequest.documents(registration.body, isYAML: registration.isYAML)) ?? []
        return documents.flatMap { document in (try? document["items"]?.elements()) ?? [document] }
    }
}
