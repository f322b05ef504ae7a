import Console
import Model

/// What a command that shows something again and again has to show now.
struct Screen {
    /// The data, for stdout.
    var lines: [String]
    /// What there is to say besides, for stderr; between two screens it stands with the data.
    var message: String?
}

/// `-w`: shows something once, or again until the program is ended.
enum Watch {
    /// The time between two screens.
    static let pause: Duration = .seconds(2)

    /// Shows screens. A server that goes away after the first one is asked again: it may be restarting. `isData` is for
    /// output that a program reads: nothing stands between two screens.
    static func show(
        again: Bool, isData: Bool, asking server: String? = nil, _ screen: () async throws -> Screen
    ) async throws {
        var hasShown = false
        while true {
            let now: Screen
            do {
                now = try await screen()
            } catch let error as any CommandFailure where again && hasShown && isPassing(error) {
                guard !isData else {
                    Terminal.message(error.description)
                    try await Task.sleep(for: pause)
                    continue
                }
                now = Screen(lines: [], message: "\(error.description)\nIt is asked again \(every).")
            }
            if again, !isData {
                if hasShown || Terminal.isInteractive { separate() }
                Terminal.print(Terminal.styled(heading(server), .faint))
            }
            let text = now.lines.joined(separator: "\n")
            if isData {
                Terminal.print(bytes: Array(text.utf8) + [0x0a])
            } else if !text.isEmpty {
                Terminal.print(text)
            }
            if let message = now.message { Terminal.message(message) }
            guard again, !Terminal.isOutputBroken else { return }
            hasShown = true
            try await Task.sleep(for: pause)
        }
    }

    /// Whether an error may be over when the server is asked again.
    static func isPassing(_ error: any CommandFailure) -> Bool {
        error.exitCode == CommandError.unreachable("").exitCode
    }

    private static let every = "every \(pause.components.seconds) s"

    private static func separate() {
        if Terminal.isInteractive { Terminal.clearScreen() } else { Terminal.print("") }
    }

    private static func heading(_ server: String?) -> String {
        let now = SystemClock().now()
        return [LocalTime.text(now, now: now), every, server].compactMap { $0 }.joined(separator: "  ")
    }
}
