import Model
import RemoteWrite
import Testing

@Suite("Remote write messages") struct WriteRequestTests {
    static let request = WriteRequest(series: [
        SeriesSamples(
            labels: ["__name__": "up", "job": "é"], times: [-5, 0, 1_795_219_200_000],
            values: [.float(1), .float(SpecialValue.stale), .float(-0.0)]),
        SeriesSamples(labels: ["__name__": "x"], times: [1], values: [.float(.infinity)]),
    ])

    @Test("what is encoded is decoded again, bit for bit") func roundTrip() throws {
        let decoded = try WriteRequest(snappy: Self.request.snappyBody())
        #expect(decoded.series.map(\.labels) == Self.request.series.map(\.labels))
        #expect(decoded.series.map(\.times) == Self.request.series.map(\.times))
        for (one, other) in zip(decoded.series, Self.request.series) {
            for case (.float(let found), .float(let wanted)) in zip(one.values, other.values) {
                #expect(found.bitPattern == wanted.bitPattern)
            }
        }
    }

    @Test("series that can't be named are left out and counted, the others stay") func invalid() throws {
        var request = Self.request
        request.series.append(SeriesSamples(labels: ["job": "nameless"], times: [1], values: [.float(1)]))
        let decoded = try WriteRequest(snappy: request.snappyBody())
        #expect(decoded.series.count == 2 && decoded.invalidSeries == 1)
        #expect(decoded.firstInvalid == "the series has no metric name")
    }

    @Test("labels out of order are refused") func unsorted() throws {
        // Series { Label { b, 1 }, Label { a, 1 } } by hand.
        let labels: [UInt8] = [0x0a, 6, 0x0a, 1, 0x62, 0x12, 1, 0x31, 0x0a, 6, 0x0a, 1, 0x61, 0x12, 1, 0x31]
        let decoded = try WriteRequest(snappy: Snappy.compress([0x0a, UInt8(labels.count)] + labels))
        #expect(decoded.invalidSeries == 1 && decoded.firstInvalid?.contains("sorted") == true)
    }

    @Test("a body that is no snappy block, or claims too much, is refused before memory is taken") func badBodies() {
        #expect(throws: RemoteWriteError.self) { try WriteRequest(snappy: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]) }
        #expect(throws: RemoteWriteError.self) { try WriteRequest(snappy: []) }
        // A claim of 2^31 bytes.
        #expect(throws: RemoteWriteError.tooLarge(bytes: 1 << 31, max: 32 << 20)) {
            try WriteRequest(snappy: [0x80, 0x80, 0x80, 0x80, 0x08, 0x00])
        }
    }
}
