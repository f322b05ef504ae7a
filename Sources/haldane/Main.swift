import Commands

/// Starts the command that the arguments name.
@main
enum Main {
    static func main() { CommandProgram.run(Haldane.self) }
}
