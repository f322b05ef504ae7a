import Documents
import FlaggerAPI
import Foundation
import Testing

/// Keys that Flagger's schema has, and those that it hasn't.
@Suite("Keys of Flagger's schema")
struct SchemaKeyTests {
    /// A Canary with every key of the schema, free maps filled with what no schema knows.
    private static let everything = """
        apiVersion: flagger.app/v1beta1
        kind: Canary
        metadata:
          name: podinfo
          namespace: test
          generateName: podinfo-
          labels: {any.thing: x, other: y}
          annotations: {other.dev/key: z}
          uid: "1"
          resourceVersion: "1"
          generation: 3
          creationTimestamp: "2026-01-01T00:00:00Z"
          ownerReferences: [{apiVersion: v1, kind: X, name: y, uid: z}]
          finalizers: [finalizer.flagger.app]
          managedFields: [{manager: kubectl, fieldsV1: {"f:spec": {}}}]
        spec:
          provider: istio
          metricsServer: http://prometheus:9090
          progressDeadlineSeconds: 60
          targetRef: {apiVersion: apps/v1, kind: Deployment, name: podinfo}
          autoscalerRef:
            apiVersion: keda.sh/v1alpha1
            kind: ScaledObject
            name: podinfo
            primaryScalerQueries: {anything: sum(up)}
            primaryScalerReplicas: {minReplicas: 1, maxReplicas: 5}
          ingressRef: {apiVersion: networking.k8s.io/v1, kind: Ingress, name: podinfo}
          routeRef: {apiVersion: apisix.apache.org/v2, kind: ApisixRoute, name: podinfo}
          upstreamRef: {apiVersion: gloo.solo.io/v1, kind: Upstream, name: config, namespace: gloo}
          service:
            name: podinfo
            port: 80
            portName: http
            appProtocol: http
            trafficDistribution: PreferClose
            targetPort: 9898
            portDiscovery: true
            headless: false
            timeout: 1m
            backendTimeout: 1m
            meshName: global
            backends: [a]
            hosts: [a]
            delegation: false
            gateways: [g]
            gatewayRefs: [{group: core, kind: Service, name: podinfo, namespace: test, sectionName: s, port: 80}]
            match:
            - authority: {exact: a}
              gateways: [g]
              headers: {x-free: {regex: a}}
              ignoreUriCase: true
              method: {exact: GET}
              name: n
              port: 80
              queryParams: {free: {prefix: a}}
              scheme: {exact: http}
              sourceLabels: {free: x}
              sourceNamespace: test
              uri: {prefix: /}
              withoutHeaders: {x-free: {exact: a}}
            retries: {attempts: 3, perTryTimeout: 1s, retryOn: "5xx"}
            rewrite: {uri: /, authority: a, type: ReplacePrefixMatch}
            mirror: [{backendRef: {group: core, kind: Service, name: m, namespace: test, port: 80}}]
            headers:
              request: {add: {x-free: a}, remove: [b], set: {x-free: c}}
              response: {add: {x-free: a}, remove: [b], set: {x-free: c}}
            corsPolicy:
              {allowCredentials: true, allowHeaders: [a], allowMethods: [GET], allowOrigin: [b], allowOrigins: [{exact: c}],
              exposeHeaders: [d], maxAge: 1h}
            trafficPolicy:
              connectionPool:
                http:
                  {h2UpgradePolicy: a, http1MaxPendingRequests: 1, http2MaxRequests: 1, idleTimeout: 1s,
                  maxRequestsPerConnection: 1, maxRetries: 1}
              loadBalancer:
                consistentHash:
                  httpCookie: {name: a, path: /, ttl: 1s}
                  httpHeaderName: a
                  httpQueryParameterName: a
                  minimumRingSize: 1
                  useSourceIp: true
                localityLbSetting: {distribute: [{from: a, to: {free: 1}}], enabled: true, failover: [{from: a, to: b}]}
                simple: LEAST_CONN
                warmupDurationSecs: 1s
              outlierDetection:
                {baseEjectionTime: 1s, consecutive5xxErrors: 1, consecutiveErrors: 1, consecutiveGatewayErrors: 1,
                consecutiveLocalOriginFailures: 1, interval: 1s, maxEjectionPercent: 1, minHealthPercent: 1,
                splitExternalLocalOriginErrors: true}
              tls: {caCertificates: a, clientCertificate: b, mode: DISABLE, privateKey: c, sni: d, subjectAltNames: [e]}
            apex: {labels: {free: x}, annotations: {free: x}}
            primary: {labels: {free: x}, annotations: {free: x}}
            canary: {labels: {free: x}, annotations: {free: x}}
            unmanagedMetadata: {annotations: [a], labels: [b]}
          skipAnalysis: false
          revertOnDeletion: true
          suspend: false
          analysis:
            interval: 1m
            iterations: 10
            threshold: 2
            maxWeight: 50
            stepWeightPromotion: 10
            mirror: true
            mirrorWeight: 50
            primaryReadyThreshold: 100
            canaryReadyThreshold: 100
            match:
            - headers: {x-free: {suffix: a}}
              queryParams: {free: {exact: a}}
              sourceLabels: {free: x}
            metrics:
            - name: m
              interval: 1m
              threshold: 1
              thresholdRange: {min: 1, max: 2}
              query: up
              templateRef: {name: t, namespace: other}
              templateVariables: {free: x}
            alerts: [{name: a, severity: warn, providerRef: {name: p, namespace: other}}]
            webhooks:
            - name: h
              type: rollout
              muteAlert: true
              url: http://x
              timeout: 5s
              retries: 1
              disableTLS: true
              metadata: {free: x}
            sessionAffinity:
              {cookieName: a, primaryCookieName: b, domain: c, httpOnly: true, maxAge: 1, partitioned: true, path: /,
              sameSite: Lax, secure: true}
        status: {phase: Succeeded, anything: {goes: here}}
        ---
        apiVersion: flagger.app/v1beta1
        kind: MetricTemplate
        metadata: {name: t, namespace: other, labels: {free: x}}
        spec:
          provider:
            {type: prometheus, address: "http://x", headers: {x-free: [a]}, secretRef: {name: s}, region: r,
            insecureSkipVerify: true}
          query: up
        ---
        apiVersion: flagger.app/v1beta1
        kind: AlertProvider
        metadata: {name: p, namespace: other}
        spec: {type: slack, channel: c, username: u, secretRef: {name: s}, proxy: "http://x"}

        """

    private func findings(_ text: String) -> [Finding] {
        var objects = ObjectFile()
        objects.add(text: text, file: "f.yaml")
        return objects.findings
    }

    @Test("every key of the schema is taken, and free maps are free")
    func known() {
        let found = findings(Self.everything)
        #expect(found.isEmpty, "\(found)")
    }

    /// A known key, where it stands; misspelt there it must be found.
    @Test(
        "a misspelt key is an error wherever it stands",
        arguments: [
            "annotations: {other", "finalizers", "progressDeadlineSeconds", "suspend",
            "primaryScalerQueries", "minReplicas", "namespace: gloo", "port: 80\n    portName", "targetPort",
            "sectionName", "authority: {exact", "exact: a}\n      gateways", "ignoreUriCase", "prefix: /}",
            "perTryTimeout",
            "type: ReplacePrefixMatch", "backendRef", "name: m, namespace", "remove: [b]", "request: {add",
            "allowOrigins", "exact: c}", "idleTimeout", "ttl", "useSourceIp", "failover", "simple", "mode: DISABLE",
            "minHealthPercent", "labels: {free: x}, annotations: {free: x}}\n    primary", "unmanagedMetadata",
            "iterations",
            "stepWeightPromotion", "mirrorWeight", "canaryReadyThreshold", "suffix: a",
            "sourceLabels: {free: x}\n    metrics",
            "thresholdRange", "min: 1, max", "max: 2", "templateRef", "namespace: other}\n      templateVariables",
            "severity", "webhooks", "muteAlert", "disableTLS", "metadata: {free", "partitioned", "insecureSkipVerify",
            "headers: {x-free: [a]",
            "secretRef: {name: s}, region",
            "channel", "proxy",
        ])
    func misspelt(place: String) throws {
        let start = try #require(Self.everything.range(of: place)?.lowerBound, "\(place)")
        let key = Self.everything[start...].prefix { $0.isLetter }
        let wrong = Self.everything.replacingCharacters(in: start..<key.endIndex, with: "x" + key + "x")
        let found = findings(wrong).filter { $0.message.contains("unknown key \"x\(key)x\"") }
        #expect(found.count == 1, "\(place): \(findings(wrong))")
        #expect(found.allSatisfy { $0.severity == .error && $0.location != nil && $0.file == "f.yaml" })
        if key.count > 6 { #expect(found.first?.message.contains("did you mean \"\(key)\"?") == true, "\(found)") }
    }

    @Test(
        "a key at the wrong level is told where it belongs, a longer word which key it begins with",
        arguments: [
            (
                "analysis:", "metrics: []\n  analysis:",
                #"spec: unknown key "metrics"; did you mean "spec.analysis.metrics"?"#
            ),
            ("{min: 1, max: 2}", "{minimum: 1}", #"unknown key "minimum"; did you mean "min"?"#),
            (
                "maxWeight: 50", "skipAnalysis: true",
                #"spec.analysis: unknown key "skipAnalysis"; did you mean "spec.skip"#
            ),
            ("query: up\n      ", "max: 1\n      ", #"did you mean "spec.analysis.metrics[].thresholdRange.max"?"#),
        ])
    func homes(right: String, wrong: String, message: String) {
        let found = findings(Self.everything.replacing(right, with: wrong, maxReplacements: 1))
        #expect(found.contains { $0.severity == .error && $0.message.contains(message) }, "\(found)")
    }

    @Test(
        "an object of a misspelt group is not taken for somebody else's",
        arguments: [
            ("flager.app/v1beta1", "Canary", true), ("flagger.app/v1beta2", "MetricTemplate", true),
            ("flagger.io/v1beta1", "Canary", true), ("example.com/v1", "Canary", false),
            ("apps/v1", "Deployment", false),
            ("flager.app/v1beta1", "Widget", false),
        ])
    func group(version: String, kind: String, isError: Bool) {
        let found = findings("apiVersion: \(version)\nkind: \(kind)\nmetadata: {name: a}\n")
        #expect(found.map(\.severity) == [isError ? .error : .note], "\(found)")
    }

    @Test(
        "thresholds are finite numbers",
        arguments: [
            ("thresholdRange: {min: .nan}", "min"), ("thresholdRange: {max: .inf}", "max"),
            ("thresholdRange: {max: -.Inf}", "max"), ("threshold: .NaN", "threshold"),
            ("threshold: 1e999", "threshold"),
        ])
    func finite(text: String, key: String) {
        let wrong = Self.everything.replacing("threshold: 1\n", with: "\(text)\n")
            .replacing(text.hasPrefix("thresholdRange") ? "      thresholdRange: {min: 1, max: 2}\n" : "\0", with: "")
        let found = findings(wrong)
        #expect(found.count == 1 && found.first?.severity == .error, "\(found)")
        #expect(found.first?.message.contains("\(key): wanted a finite number, found ") == true, "\(found)")
    }
}
