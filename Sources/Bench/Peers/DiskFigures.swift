import Archive
import Console
import Documents
import FoundationEssentials
import Model
import TSDB

/// What a server's data takes on disk once it is in its final form.
struct DiskFigures {
    /// Bytes of samples, and of all else that is needed to find them.
    var samples: Double
    var index: Double

    /// Prometheus: chunk files and index of a snapshot, which writes the head as a block.
    package static func prometheus(_ server: PeerServer) throws -> DiskFigures {
        let answer = try server.post("/api/v1/admin/tsdb/snapshot")
        guard let name = try? JSONReader.parse(answer)["data"]?["name"]?.string() else {
            throw CommandError.unreachable("prometheus: the snapshot has no name")
        }
        let folder = server.folder + "/snapshots/" + name
        return DiskFigures(
            samples: size(of: folder) { $0.contains("/chunks/") }, index: size(of: folder) { $0.hasSuffix("/index") })
    }

    /// VictoriaMetrics: `data` and `indexdb` after a forced flush and merge.
    package static func victoria(_ server: PeerServer, patience: Duration) async throws -> DiskFigures {
        _ = try server.get("/internal/force_flush")
        _ = try server.get("/internal/force_merge")
        // The merge runs in the background: it is over when nothing changes any more.
        var last = -1.0
        let began = ContinuousClock.now
        while ContinuousClock.now - began < patience {
            try await Task.sleep(for: .seconds(2))
            let now = size(of: server.folder) { _ in true }
            if now == last { break }
            last = now
        }
        return DiskFigures(
            samples: size(of: server.folder + "/data") { _ in true },
            index: size(of: server.folder + "/indexdb") { _ in true })
    }

    /// Haldane, stopped: the chunks' bytes in the hourly files, and all else that these files take. The rows that are
    /// still in the head log, which are those of the last minutes, are sealed first; `added` is what that wrote.
    package static func haldane(_ folder: String) throws -> (figures: DiskFigures, added: Double) {
        let files = folder + "/chunks"
        let before = size(of: files) { _ in true }
        let chunks: Double
        do throws(ArchiveError) {
            let now = SystemClock().now()
            let directory = try DataDirectory.open(folder, now: now)
            directory.database.seal(now: now, all: true)
            do throws(StorageError) { try directory.close(now: now) } catch {
                throw .io(doing: "sealing " + folder, reason: error.description)
            }
            chunks = Double(directory.database.statistics(top: 0).chunkBytes)
        } catch {
            throw CommandError.unreachable(error.description)
        }
        let after = size(of: files) { _ in true }
        return (DiskFigures(samples: chunks, index: after - chunks), after - before)
    }

    /// Bytes of the files below `folder` whose path is wanted.
    package static func size(of folder: String, where isWanted: (String) -> Bool) -> Double {
        var sum = 0.0
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            let path = folder + "/" + name
            // Files come and go while a server works on them.
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { continue }
            if attributes[.type] as? FileAttributeType == .typeDirectory {
                sum += size(of: path, where: isWanted)
            } else if isWanted(path), let size = attributes[.size] as? UInt {
                sum += Double(size)
            }
        }
        return sum
    }
}

/// A program's size without its symbols.
enum ExecutableSize {
    /// Bytes up to the end of the last loaded segment, which is what `strip` leaves but for some kilobytes; `nil` for a
    /// file that is no 64-bit ELF.
    static func stripped(_ path: String) -> Double? {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe),
            data.prefix(5).elementsEqual([0x7F, 0x45, 0x4C, 0x46, 2])
        else { return nil }
        func number(_ at: Int, _ bytes: Int) -> Int {
            guard at >= 0, at + bytes <= data.count else { return 0 }
            return (0..<bytes).reduce(0) { $0 | Int(truncatingIfNeeded: UInt64(data[at + $1]) << UInt64(8 * $1)) }
        }
        let table = number(32, 8)
        let ends = (0..<number(56, 2)).map { index in
            let header = table + index * number(54, 2)
            return number(header + 8, 8) + number(header + 32, 8)
        }
        return ends.max().map { Double($0) }
    }
}
