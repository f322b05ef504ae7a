private import Synchronization

/// Interns label names and values: one number per distinct text. Grows only; whoever owns a table gets rid of
/// unused texts by building a new one and leaving the old to those who still hold it.
///
/// All methods may be called from any thread. Each costs one uncontended lock and one hash, O(text).
package final class SymbolTable: Sendable {
    private struct State {
        var ids: [Key: UInt32] = [:]
        var texts: [String] = []
        var bytes = 0
    }

    /// Hashes and compares by bytes, unlike `String` itself.
    private struct Key: Hashable {
        let text: String
        static func == (left: Key, right: Key) -> Bool { left.text.equalsByBytes(right.text) }
        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    private let state: Mutex<State>

    /// A table that holds only the well-known symbols.
    package init() {
        var initial = State()
        for (id, text) in Symbol.wellKnown.enumerated() {
            initial.ids[Key(text: text)] = UInt32(id)
            initial.texts.append(text)
        }
        state = Mutex(initial)
    }

    /// The symbol of `text`, made when it is new.
    package func intern(_ text: String) -> Symbol {
        state.withLock { state in
            if let id = state.ids[Key(text: text)] { return Symbol(id: id) }
            let id = UInt32(state.texts.count)
            precondition(id < Symbol.overlayBase, "symbol table is full: 2^31 texts")
            state.ids[Key(text: text)] = id
            state.texts.append(text)
            state.bytes += text.utf8.count
            return Symbol(id: id)
        }
    }

    /// The symbol of `text` if it is already there.
    package func find(_ text: String) -> Symbol? {
        state.withLock { state in state.ids[Key(text: text)].map(Symbol.init(id:)) }
    }

    /// The text of a symbol of this table.
    package func text(_ symbol: Symbol) -> String {
        state.withLock { $0.texts[Int(symbol.id)] }
    }

    /// The texts of many symbols under one lock.
    package func texts(_ symbols: some Sequence<Symbol>) -> [String] {
        state.withLock { state in symbols.map { state.texts[Int($0.id)] } }
    }

    /// Number of texts.
    package var count: Int { state.withLock { $0.texts.count } }

    /// UTF-8 bytes of all texts, without the tables around them.
    package var byteCount: Int { state.withLock { $0.bytes } }
}
