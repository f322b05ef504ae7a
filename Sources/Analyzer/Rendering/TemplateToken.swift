/// A piece of an action, `{{ ... }}`.
struct TemplateToken: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// `target`, `if`, `printf`
        case word(String)
        /// `.x`
        case field(String)
        /// `"x"`, `` `x` ``, unescaped
        case string(String)
        /// `12`
        case int(Int)
        case pipe, open, close
        /// Anything of Go's language that is not supported here.
        case other(String)
    }

    var kind: Kind
    var position: TemplatePosition
}

/// A template cut into literal text and actions, trim markers applied and comments gone.
enum TemplatePiece: Sendable, Hashable {
    case text(String)
    case action([TemplateToken], TemplatePosition)
}
