import Console
import Documents
import FlaggerAPI

/// The Canary that the demo releases: the weighted one of Flagger's Linkerd tutorial, with its builtin checks.
enum DemoCanary {
    /// The object, as a user would write it. A test holds it equal to `examples/001-weighted-canary.yaml`.
    static let yaml = """
        apiVersion: flagger.app/v1beta1
        kind: Canary
        metadata:
          name: podinfo
          namespace: test
        spec:
          targetRef:
            apiVersion: apps/v1
            kind: Deployment
            name: podinfo
          autoscalerRef:
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            name: podinfo
          progressDeadlineSeconds: 60
          service:
            port: 9898
            targetPort: 9898
            gatewayRefs:
              - name: podinfo
                namespace: test
                group: core
                kind: Service
                port: 9898
          analysis:
            interval: 30s
            threshold: 5
            maxWeight: 50
            stepWeight: 5
            metrics:
            - name: request-success-rate
              thresholdRange:
                min: 99
              interval: 1m
            - name: request-duration
              thresholdRange:
                max: 500
              interval: 30s
            webhooks:
              - name: acceptance-test
                type: pre-rollout
                url: http://flagger-loadtester.test/
                timeout: 30s
                metadata:
                  type: bash
                  cmd: "curl -sd 'test' http://podinfo-canary.test:9898/token | grep token"
              - name: load-test
                type: rollout
                url: http://flagger-loadtester.test/
                metadata:
                  cmd: "hey -z 2m -q 10 -c 2 http://podinfo-canary.test:9898/"
        """

    /// The decoded object.
    static func canary() throws -> Canary {
        var objects = ObjectFile()
        objects.add(text: yaml, file: "demo")
        try CanaryFiles.require(objects.findings)
        guard let canary = objects.canaries.first?.value else { throw CommandError.badInput("the demo has no Canary") }
        return canary
    }
}
