package import Documents
import Synchronization

/// JSON that is written bit by bit: as much as is wanted now, and the rest when it is asked for again.
package protocol PieceWriter: Sendable {
    /// Writes on until everything is written or `json` has `limit` bytes. Returns whether everything is written.
    mutating func write(to json: inout JSONWriter, upTo limit: Int) -> Bool
}

/// The rest of an answer that is too long for one piece, made as the client takes it.
package final class AnswerPieces: Sendable {
    /// How long a piece is, about.
    package static let pieceBytes = 128 << 10

    private struct State {
        var json: JSONWriter
        var writer: any PieceWriter
        var isOver = false
    }

    private let state: Mutex<State>
    private let reservation: ByteReservation

    /// What follows on what `json` has been used for. The reservation is for what the writer holds.
    init(_ json: JSONWriter, _ writer: any PieceWriter, _ reservation: ByteReservation) {
        state = Mutex(State(json: json, writer: writer))
        self.reservation = reservation
    }

    /// The next piece; `nil` when there is none.
    package func next() -> [UInt8]? {
        state.withLock { state in
            if state.isOver { return nil }
            state.json.bytes.removeAll(keepingCapacity: true)
            state.isOver = state.writer.write(to: &state.json, upTo: Self.pieceBytes)
            return state.json.bytes
        }
    }
}

extension APIResponse {
    /// The JSON of a writer: whole where one piece holds it, otherwise the first piece and a source of the others. These hold
    /// `heldBytes` in memory until the client has taken them, which the budget must have.
    package static func json(
        _ writer: some PieceWriter, holding heldBytes: @autoclosure () -> Int, within budget: ByteBudget
    ) throws(APIError) -> APIResponse {
        var writer = writer
        var json = JSONWriter()
        let isWhole = writer.write(to: &json, upTo: AnswerPieces.pieceBytes)
        var answer = APIResponse.json(json.bytes)
        if isWhole { return answer }
        guard let reservation = budget.reserve(heldBytes()) else { throw .answersFull(budget) }
        answer.rest = AnswerPieces(json, writer, reservation)
        return answer
    }
}

extension APIError {
    /// 503: the answers that clients have not taken yet are as many as may be.
    static func answersFull(_ budget: ByteBudget) -> APIError {
        .unavailable(
            "answers that their clients have not read yet take \(budget.held >> 20) of \(budget.limit >> 20) MiB; "
                + "try again later, or ask for less at a time")
    }
}
