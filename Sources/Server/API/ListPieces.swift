import Documents
import PromQL

/// A list as the data of an answer, in pieces.
struct ListPieces<Item: Sendable>: PieceWriter {
    private let items: [Item]
    private let annotations: Annotations
    private let one: @Sendable (Item, inout JSONWriter) -> Void
    private var next = 0
    private var isBegun = false

    init(_ items: [Item], _ annotations: Annotations, _ one: @escaping @Sendable (Item, inout JSONWriter) -> Void) {
        self.items = items
        self.annotations = annotations
        self.one = one
    }

    mutating func write(to json: inout JSONWriter, upTo limit: Int) -> Bool {
        if !isBegun {
            Envelope.begin(&json)
            json.beginArray()
            isBegun = true
        }
        while next < items.count {
            if json.bytes.count >= limit { return false }
            one(items[next], &json)
            next += 1
        }
        json.endArray()
        Envelope.end(annotations, &json)
        return true
    }
}
