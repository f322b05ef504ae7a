import Foundation
import Model
import PromQL
import TestSupport

/// Functions of labels, times and dates by their definitions.
extension NaiveFunctions {
    /// Gregorian, UTC.
    static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }()

    /// Parts of a date, of whole seconds.
    static let dateParts: [String: @Sendable (Calendar, Double) -> Double] = [
        "minute": { part(.minute, $0, $1) }, "hour": { part(.hour, $0, $1) }, "month": { part(.month, $0, $1) },
        "year": { part(.year, $0, $1) }, "day_of_month": { part(.day, $0, $1) },
        "day_of_week": { part(.weekday, $0, $1) - 1 },
        "day_of_year": { calendar, value in
            Double(calendar.ordinality(of: .day, in: .year, for: date(value)) ?? 0)
        },
        "days_in_month": { calendar, value in
            Double(calendar.range(of: .day, in: .month, for: date(value))?.count ?? 0)
        },
    ]

    private static func date(_ value: Double) -> Date { Date(timeIntervalSince1970: value.rounded(.towardZero)) }

    private static func part(_ component: Calendar.Component, _ calendar: Calendar, _ value: Double) -> Double {
        Double(calendar.component(component, from: date(value)))
    }

    /// The sample's own time for a selector, else the time of the evaluation.
    func timestamps() throws -> [NaiveElement] {
        var inner = node.arguments[0]
        while case .paren(let paren) = inner { inner = paren.expr }
        guard case .vector(let selector) = inner else {
            return try evaluator.unique(
                try evaluator.evaluate(node.arguments[0], at: time).vector.map {
                    NaiveElement(labels: evaluator.dropName($0.labels), value: Double(time) / 1000)
                })
        }
        let at = try evaluator.shifted(time, selector.modifiers)
        let times = evaluator.data.series.compactMap { series -> NaiveElement? in
            guard selector.matchers.allSatisfy({ $0.matches(series.labels[$0.name]) }),
                let newest = series.samples.last(where: { $0.time <= at && $0.time > at - evaluator.lookback }),
                !newest.value.isStaleMarker
            else { return nil }
            return NaiveElement(labels: evaluator.dropName(series.labels), value: Double(newest.time) / 1000)
        }
        return try evaluator.unique(times)
    }

    /// The straight line of least squares: its slope, or its value some seconds from now.
    func regression() throws -> [NaiveElement] {
        let isSlope = node.function.name == "deriv"
        let ahead = isSlope ? 0 : try evaluator.evaluate(node.arguments[1], at: time).scalar
        let matrix = try evaluator.evaluate(node.arguments[0], at: time).matrix
        let lines = matrix.compactMap { series -> NaiveElement? in
            guard series.samples.count > 1 else { return nil }
            let labels = evaluator.dropName(series.labels)
            let values = series.samples.map(\.value)
            if values.allSatisfy({ $0 == values[0] }) {
                let flat = values[0].isFinite ? values[0] : .nan
                return NaiveElement(labels: labels, value: isSlope ? flat * 0 : flat)
            }
            let origin = isSlope ? series.samples[0].time : time
            let seconds = series.samples.map { Double($0.time - origin) / 1000 }
            let count = Double(values.count)
            if values.contains(where: \.isInfinite) {
                // What becomes of infinities depends on the formula, so it is the documented one.
                let (sumX, sumY) = (seconds.reduce(0, +), values.reduce(0, +))
                let products = zip(seconds, values).map { $0 * $1 }.reduce(0, +) - sumX * sumY / count
                let slope = products / (seconds.map { $0 * $0 }.reduce(0, +) - sumX * sumX / count)
                return NaiveElement(
                    labels: labels, value: isSlope ? slope : slope * ahead + (sumY / count - slope * sumX / count))
            }
            let (meanX, meanY) = (seconds.reduce(0, +) / count, values.reduce(0, +) / count)
            let products = zip(seconds, values).map { ($0 - meanX) * ($1 - meanY) }.reduce(0, +)
            let squares = seconds.map { ($0 - meanX) * ($0 - meanX) }.reduce(0, +)
            let slope = products / squares
            return NaiveElement(labels: labels, value: isSlope ? slope : meanY + slope * (ahead - meanX))
        }
        return try evaluator.unique(lines)
    }

    private func string(_ index: Int) throws -> String {
        try evaluator.evaluate(node.arguments[index], at: time).string
    }

    /// `$1` and so on stand for groups; generated patterns are whole-value and have no other escapes.
    func labelReplace() throws -> [NaiveElement] {
        let target = try string(1)
        let template = try string(2)
        let source = try string(3)
        let pattern = try NSRegularExpression(pattern: "^(?s:\(try string(4)))$")
        return try evaluator.unique(
            try evaluator.evaluate(node.arguments[0], at: time).vector.map { element in
                let value = element.labels[source]
                let whole = NSRange(value.startIndex..., in: value)
                guard let match = pattern.firstMatch(in: value, range: whole) else { return element }
                var out = element
                out.labels[target] = pattern.replacementString(for: match, in: value, offset: 0, template: template)
                return out
            })
    }

    func labelJoin() throws -> [NaiveElement] {
        let target = try string(1)
        let separator = try string(2)
        let sources = try (3..<node.arguments.count).map { try string($0) }
        return try evaluator.unique(
            try evaluator.evaluate(node.arguments[0], at: time).vector.map { element in
                var out = element
                out.labels[target] = sources.map { element.labels[$0] }.joined(separator: separator)
                return out
            })
    }
}
