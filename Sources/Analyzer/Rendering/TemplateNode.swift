/// The tree of a template.
indirect enum TemplateNode: Sendable, Hashable {
    case text(String)
    case print(TemplatePipeline, TemplatePosition)
    case branch(TemplatePipeline, then: [TemplateNode], otherwise: [TemplateNode])
}

/// Commands whose results each become the last argument of the next.
struct TemplatePipeline: Sendable, Hashable {
    var commands: [TemplateCommand]
}

/// A function or value, and arguments.
struct TemplateCommand: Sendable, Hashable {
    var operands: [TemplateOperand]
}

/// Something that has a value by itself.
struct TemplateOperand: Sendable, Hashable {
    indirect enum Kind: Sendable, Hashable {
        case literal(TemplateValue)
        case function(String)
        case group(TemplatePipeline)
    }

    var kind: Kind
    /// `.x` after it.
    var fields: [String]
    var position: TemplatePosition
}
