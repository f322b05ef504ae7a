import ArgumentParser
import Logging
import ServiceLifecycle

/// A service of a group that is one closure.
struct ClosureService: Service {
    let body: @Sendable () async throws -> Void

    init(_ body: @escaping @Sendable () async throws -> Void) { self.body = body }

    func run() async throws { try await body() }
}

/// `--log-level`
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error, critical

    /// The same for the logging library.
    var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
}

/// Loggers of the program.
enum ServeLog {
    /// Says nothing; for libraries whose messages people need not see.
    static var quiet: Logger { Logger(label: "haldane") { _ in SwiftLogNoOpLogHandler() } }

    /// Writes to stderr at the given level and above.
    static func logger(_ level: Logger.Level) -> Logger {
        var logger = Logger(label: "haldane") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }
}
