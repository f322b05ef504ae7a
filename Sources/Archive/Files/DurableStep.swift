/// A change that is about to be made to the files of a data directory. A kill leaves what was there before it or after
/// it, and of a write also any part of its bytes.
package enum DurableStep: Sendable, Equatable {
    /// A log file is made, or emptied.
    case beginLogFile(path: String)
    /// Bytes are appended to a log file.
    case writeLog(path: String, bytes: [UInt8])
    /// A log file is cut off behind its last whole frame.
    case cutLogFile(path: String, size: Int)
    /// A log file that nothing needs any more is removed.
    case removeLogFile(path: String)
    /// Chunks are stored in an hour file, in one transaction.
    case storeChunks(path: String)
    /// Verdicts are written, in one transaction.
    case writeVerdicts(path: String)
    /// An hour file is removed.
    case removeHourFile(path: String)
}

/// Called before each durable step, in the thread that makes it. Throwing stands for the step failing, and blocking for
/// a disk that stalls. Tests fail, stall, and copy the directory with it.
package typealias StepObserver = @Sendable (DurableStep) throws(ArchiveError) -> Void
