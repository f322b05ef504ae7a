import ArgumentParser

/// `-o`: how data is printed.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
    case csv
    case plot
}

/// `-o` for commands that print one kind of thing.
enum PlainOutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case json
}
