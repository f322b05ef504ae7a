import Model
package import PromQL

/// Runs promqltest scripts.
package struct ScriptRunner: Sendable {
    private let engine: Engine
    private let control: QueryControl
    private let makeStore: @Sendable () -> any ScriptStore

    /// The engine settings that upstream's scripts are written for: everything on but type and unit labels, and a
    /// small limit of samples.
    package static var suiteOptions: EngineOptions {
        var options = EngineOptions()
        options.samplesMax = 10_000
        options.delayedNameRemoval = true
        options.useStartTimestamps = true
        options.parser = .everything
        return options
    }

    /// A runner; `makeStore` gives an empty store for each script and each `clear`.
    package init(
        engine: Engine = Engine(ScriptRunner.suiteOptions), control: QueryControl = QueryControl(),
        makeStore: @escaping @Sendable () -> any ScriptStore
    ) {
        self.engine = engine
        self.control = control
        self.makeStore = makeStore
    }

    /// Runs a script. When it can't be read, each of its evals counts as failed; when a load fails, each eval behind
    /// it up to the next `clear` does.
    package func run(_ text: String) -> ScriptReport {
        do throws(ScriptError) {
            return run(try Script(text))
        } catch {
            var report = ScriptReport()
            report.scriptError = error
            let failure = ScriptReport.Failure("the script can't be read: \(error.description)")
            report.outcomes = Script.evalLines(text).map {
                ScriptReport.Outcome(line: $0.line, query: $0.text, verdict: .failed(failure))
            }
            return report
        }
    }

    /// Runs a script that was read.
    package func run(_ script: Script) -> ScriptReport {
        var report = ScriptReport()
        var loader = ScriptLoader(store: makeStore())
        for command in script.commands {
            switch command {
            case .clear: loader = ScriptLoader(store: makeStore())
            case .load(let load): loader.load(load)
            case .eval(let eval):
                let runner = EvalRunner(eval: eval, engine: engine, store: loader.store, control: control)
                let failure = loader.failure ?? runner.failure()
                report.outcomes.append(
                    ScriptReport.Outcome(
                        line: eval.line, query: eval.query, verdict: failure.map { .failed($0) } ?? .passed))
            }
        }
        return report
    }
}

/// Fills a store.
private struct ScriptLoader {
    let store: any ScriptStore
    /// Why the data is not what the script says.
    private(set) var failure: ScriptReport.Failure?
    private var hints: [Labels: StoredHints] = [:]

    init(store: any ScriptStore) { self.store = store }

    mutating func load(_ load: Script.Load) {
        var series = load.series
        if load.addsCustomBuckets {
            do throws(NotationError) {
                series += try CustomBuckets.series(from: load.series)
            } catch {
                failure = ScriptReport.Failure("the load of line \(load.line) failed: \(error.message)")
                return
            }
        }
        for index in series.indices {
            let labels = series[index].labels
            var stored = hints[labels] ?? StoredHints()
            series[index].values = series[index].values.map { stored.stored($0) }
            hints[labels] = stored
        }
        let report = store.load(series)
        if report.refused > 0 {
            let reason = report.firstError ?? "\(report.refused) samples were refused"
            failure = ScriptReport.Failure("the load of line \(load.line) failed: \(reason)")
        }
    }
}
