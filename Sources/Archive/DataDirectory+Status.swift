package import Model
private import Synchronization

extension DataDirectory: StorageStatusSource {
    package func storageStatus() -> StorageStatus {
        var status = StorageStatus()
        status.isReadOnly = log == nil
        state.withLock { state in
            status.failingSince = state.failingSince
            status.lastError = state.lastError
            status.writeFailures = state.failures
        }
        let busy = max(log?.busyFor ?? 0, archive.busyFor)
        if busy >= options.stallShown { status.stalledFor = busy }
        status.waitingBytes = log?.waitingBytes ?? 0
        status.logFramesGivenUp = log?.givenUpFrames ?? 0
        status.logBytes = log?.totalBytes ?? 0
        status.logFiles = log?.fileCount ?? 0
        status.logBytesWritten = log?.bytesWritten ?? 0
        status.archiveBytes = archive.storedBytes
        status.archiveFiles = archive.fileCount
        status.openFiles = archive.connectionCount
        status.cachedBytes = archive.cachedBytes
        return status
    }
}
