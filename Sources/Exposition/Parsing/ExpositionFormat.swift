private import Model

/// The text formats a scrape body may have.
package enum ExpositionFormat: Sendable, Hashable {
    /// Prometheus text 0.0.4, which covers what Linkerd proxies print (see `ExpositionParser`).
    case text
    /// OpenMetrics 1.0.
    case openMetrics

    /// The format of a `Content-Type`, judged by its media type alone; `nil` for any other type, or none.
    ///
    /// A bare `text/plain` is text: that is all a Linkerd proxy says.
    package init?(contentType: String) {
        let end = contentType.utf8.firstIndex { $0 == 0x3b || $0 == 0x2c } ?? contentType.utf8.endIndex
        var media: [UInt8] = []
        for byte in contentType.utf8[..<end] where byte != 0x20 && byte != 0x09 {
            media.append(byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)
        }
        switch String(decoding: media, as: UTF8.self) {
        case "text/plain": self = .text
        case "application/openmetrics-text": self = .openMetrics
        default: return nil
        }
    }
}

/// How much an exposition may deviate from its format.
package enum ParsingMode: Sendable, Hashable {
    /// As Prometheus: the first error fails the document.
    case strict
    /// A bad line is skipped and counted; OpenMetrics types and `# UNIT` are understood in text bodies.
    case lenient
}
