package import Exposition
package import Model

/// Turns an exposed series into the label set it is stored under: adds target labels, relabels, checks limits. Pure.
package struct SeriesPipeline: Sendable {
    /// Labels of the target.
    package let targetLabels: Labels
    /// The job, for its rules and limits.
    package let job: ScrapeJob

    /// A pipeline.
    package init(targetLabels: Labels, job: ScrapeJob) {
        self.targetLabels = targetLabels
        self.job = job
    }

    /// The label set the series is stored under; `nil` when relabelling drops it. Throws what fails the scrape.
    package func labels(of series: NewSeries) throws(FetchFailure) -> Labels? {
        let merged = merge(series)
        guard let labels = Relabeller.apply(job.metricRelabelRules, to: merged) else { return nil }
        if labels.metricName.isEmpty { throw FetchFailure(.malformedBody, "missing metric name (__name__ label)") }
        try check(labels)
        return labels
    }

    /// Adds the target's labels. Exposed ones win where the job says so, an empty exposed value included; otherwise
    /// they move aside to `exported_` names.
    package func merge(_ series: NewSeries) -> Labels {
        var out = series.labels
        if job.honorsLabels {
            for label in targetLabels where out[label.name].isEmpty && !series.emptyNames.contains(label.name) {
                out[label.name] = label.value
            }
            return out
        }
        var displaced: [Label] = []
        for label in targetLabels {
            let exposed = out[label.name]
            if !exposed.isEmpty { displaced.append(Label(label.name, exposed)) }
            out[label.name] = label.value
        }
        // Short names first: `exported_x` of the target must not be taken by a longer name's displacement.
        displaced.sort { $0.name.utf8.count < $1.name.utf8.count }
        for label in displaced {
            var name = "exported_" + label.name
            while !out[name].isEmpty { name = "exported_" + name }
            out[name] = label.value
        }
        return out
    }

    private func check(_ labels: Labels) throws(FetchFailure) {
        let limits = job.limits
        let metric = Self.shown(labels.metricName)
        if limits.labels > 0, labels.count > limits.labels {
            throw FetchFailure(
                .limitExceeded,
                "label_limit exceeded (metric: \(metric), number of labels: \(labels.count), limit: \(limits.labels))")
        }
        guard limits.labelNameBytes > 0 || limits.labelValueBytes > 0 else { return }
        for label in labels {
            let (name, value) = (label.name.utf8.count, label.value.utf8.count)
            if limits.labelNameBytes > 0, name > limits.labelNameBytes {
                throw FetchFailure(
                    .limitExceeded,
                    "label_name_length_limit exceeded (metric: \(metric), label name: \(Self.shown(label.name)), "
                        + "length: \(name), limit: \(limits.labelNameBytes))")
            }
            if limits.labelValueBytes > 0, value > limits.labelValueBytes {
                throw FetchFailure(
                    .limitExceeded,
                    "label_value_length_limit exceeded (metric: \(metric), label name: \(Self.shown(label.name)), "
                        + "value: \(GoQuote.quoted(Self.shown(label.value))), length: \(value), "
                        + "limit: \(limits.labelValueBytes))")
            }
        }
    }

    private static func shown(_ text: String) -> String { String(text.prefix(50)) }
}
