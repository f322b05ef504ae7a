import AnalysisService
import Glibc
import Synchronization
import TestSupport
import Testing

/// Who gets a thread when, with gates instead of time.
@Suite("Evaluation pool", .timeLimit(.minutes(5))) struct EvaluationPoolTests {
    private final class Names: Sendable {
        private let names = Mutex<[String]>([])
        var all: [String] { names.withLock { $0 } }
        func add(_ name: String) { names.withLock { $0.append(name) } }
    }

    @Test("a short job is done beside long ones that keep every other thread")
    func shortBesideLong() async throws {
        let pool = EvaluationPool(threads: 2, shortJobSlice: .zero)
        let gate = Gate()
        await withTaskGroup(of: Int?.self) { group in
            for number in 0..<6 {
                group.addTask {
                    try? await pool.run { turn in
                        gate.note()
                        while !gate.isOpen, turn.interruption() == nil { sched_yield() }
                        return number
                    }
                }
            }
            await Gate.until { gate.arrivals >= 3 }
            for number in 0..<20 { #expect((try? await pool.run { _ in number }) == number) }
            #expect(!gate.isOpen)
            gate.open()
            // What made room was done again.
            #expect(await group.reduce(0) { $0 + ($1 ?? 100) } == 15)
        }
    }

    @Test("a job that is known to be long is kept off the thread for short ones") func knownLong() async throws {
        let pool = EvaluationPool(threads: 1, shortJobSlice: .seconds(3600))
        let gate = Gate()
        async let first: Void = pool.run(isLong: true) { _ in gate.pass() }
        async let second: Void = pool.run(isLong: true) { _ in gate.pass() }
        await Gate.until { gate.arrivals == 1 && pool.waitingCount == 1 }
        #expect(try await pool.run { _ in 1 } == 1)
        gate.open()
        _ = try await (first, second)
    }

    @Test("clients take turns, however many jobs one has in line") func fairness() async throws {
        let pool = EvaluationPool(threads: 1)
        let gate = Gate()
        let order = Mutex<[String]>([])
        pool.post(of: "a") { gate.pass() }
        for number in 1...5 { pool.post(of: "a") { order.withLock { $0.append("a\(number)") } } }
        for number in 1...2 { pool.post(of: "b") { order.withLock { $0.append("b\(number)") } } }
        gate.open()
        await Gate.until { order.withLock { $0.count } == 7 }
        #expect(order.withLock { $0 } == ["a1", "b1", "a2", "b2", "a3", "a4", "a5"])
    }

    @Test("where the line is full, the client with most jobs in it makes room") func fullLine() async throws {
        let pool = EvaluationPool(threads: 1, waitingMax: 4)
        let gate = Gate()
        pool.post(of: "a") { gate.pass() }
        await Gate.until { gate.arrivals == 1 }
        let refused = Names()
        @Sendable func ask(_ client: String) async {
            await WorkOrigin.$current.withValue(WorkOrigin(client: client)) {
                do { try await pool.run { _ in } } catch { refused.add(client) }
            }
        }
        var tasks: [Task<Void, Never>] = []
        for count in 1...4 {
            tasks.append(Task { await ask("a") })
            await Gate.until { pool.waitingCount == count }
        }
        tasks.append(Task { await ask("a") })
        await Gate.until { refused.all == ["a"] }
        tasks.append(Task { await ask("b") })
        await Gate.until { refused.all == ["a", "a"] }
        #expect(pool.waitingCount == 4)
        gate.open()
        for task in tasks { await task.value }
        #expect(refused.all == ["a", "a"])
    }

    @Test("work of a client that left while it waited is not begun") func cancelled() async throws {
        let pool = EvaluationPool(threads: 1)
        let gate = Gate()
        let begun = Atomic(false)
        pool.post(of: "") { gate.pass() }
        let task = Task { try await pool.run { _ in begun.store(true, ordering: .relaxed) } }
        await Gate.until { pool.waitingCount == 1 }
        task.cancel()
        await #expect(throws: EvaluationPool.Refusal.canceled) { try await task.value }
        #expect(pool.waitingCount == 0)
        gate.open()
        try await pool.run {}
        let hasBegun = begun.load(ordering: .relaxed)
        #expect(!hasBegun)
    }

    @Test("work whose time is over while it waits is refused then") func late() async throws {
        let pool = EvaluationPool(threads: 1)
        let gate = Gate()
        pool.post(of: "") { gate.pass() }
        await #expect(throws: EvaluationPool.Refusal.timedOut) {
            try await pool.run(timeMax: .milliseconds(1)) { _ in }
        }
        let origin = WorkOrigin(client: "", deadline: .now + .milliseconds(1))
        await WorkOrigin.$current.withValue(origin) {
            await #expect(throws: EvaluationPool.Refusal.timedOut) { try await pool.run { _ in } }
        }
        #expect(pool.waitingCount == 0)
        gate.open()
    }

    @Test("work that must not be left out is done for a cancelled caller, too") func uncancellable() async throws {
        let pool = EvaluationPool(threads: 1)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await pool.run { 7 }
        }
        task.cancel()
        #expect(try await task.value == 7)
    }

    @Test("a full pool refuses instead of queueing without end") func overload() async throws {
        let pool = EvaluationPool(threads: 1, waitingMax: 0)
        let gate = Gate()
        pool.post(of: "") { gate.pass() }
        await Gate.until { gate.arrivals == 1 }
        await #expect(throws: EvaluationPool.Refusal.overloaded(waitingMax: 0)) { try await pool.run { 1 } }
        gate.open()
        let roomy = EvaluationPool(threads: 2, waitingMax: 10)
        #expect(try await roomy.run { (1...100).reduce(0, +) } == 5050)
    }
}
