/// The names of the head log's files: ten digits or more, and `.log`.
enum LogFileName {
    static func path(_ folder: String, _ segment: UInt64) -> String {
        let digits = String(segment)
        return folder + "/" + String(repeating: "0", count: max(0, 10 - digits.count)) + digits + ".log"
    }

    /// Numbers of the files in a folder, rising. A name that no log file gets is passed over.
    static func segments(in folder: String) throws(ArchiveError) -> [UInt64] {
        let names = try PosixFolder.names(folder)
        return names.compactMap { name in
            guard name.hasSuffix(".log"), let number = UInt64(name.dropLast(4)), number <= numberMax,
                path(folder, number) == folder + "/" + name
            else { return nil }
            return number
        }
        .sorted()
    }

    /// More files than there ever will be, so that one can be added to the number of any.
    static let numberMax = UInt64.max / 2
}
