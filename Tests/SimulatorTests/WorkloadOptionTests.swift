import Testing

@testable import Simulator

@Suite("The --workload option")
struct WorkloadOptionTests {
    @Test("All keys are read")
    func reads() throws {
        let text =
            "name=podinfo-primary,rps=50,error=0.1%,p99=80ms,pods=3,clients=2,namespace=prod,notfound=1%,port=80"
        let option = try WorkloadOption(parsing: text)
        #expect(option.name == "podinfo-primary")
        #expect(option.rate == 50)
        #expect(option.profile.errorRate == 0.001)
        #expect(option.profile.p99 == 80)
        #expect(option.profile.notFoundRate == 0.01)
        #expect(option.pods == 3)
        #expect(option.clients == 2)
        #expect(option.namespace == "prod")
        #expect(option.port == 80)
        #expect(try WorkloadOption(parsing: "name=a,p99=1.5s,error=0.25").profile.p99 == 1_500)
        #expect(try WorkloadOption(parsing: "name=a,p99=1.5s,error=0.25").profile.errorRate == 0.25)
    }

    @Test(
        "What is wrong is named",
        arguments: [
            ("", "is not of the form"), ("rps=5", "wanted a name"), ("name=a,rps=fast", "rps=fast"),
            ("name=a,error=200%", "error=200%"), ("name=a,p99=-1ms", "p99=-1ms"),
            ("name=a,colour=red", "unknown key colour"),
            ("name=a,name=b", "given twice"), ("name=A\"}", "Kubernetes name"), ("name=a,pods=0", "pods=0"),
            ("name=a,rps=nan", "rps=nan"), ("name=a,p99=inf", "p99=inf"),
        ])
    func complains(_ text: String, _ part: String) {
        #expect { try WorkloadOption(parsing: text) } throws: { error in "\(error)".contains(part) }
    }

    @Test("A fleet of options has their pods and a client")
    func fleet() throws {
        let options = [
            try WorkloadOption(parsing: "name=a,rps=20,pods=2"), try WorkloadOption(parsing: "name=b,rps=5,clients=3"),
        ]
        let fleet = ProxyFleet(workloads: options, seed: 1, start: 1_000_000)
        #expect(fleet.pods.count == 6)
        fleet.advance(to: 1_060_000)
        #expect(try #require(fleet.ledger.totals["a"]).requests > 900)
        #expect(try #require(fleet.ledger.totals["b"]).requests > 200)
    }
}
