/// Where things are in a data directory.
struct DirectoryPaths {
    let log: String
    let chunks: String
    let damage: String

    init(_ directory: String) {
        log = directory + "/log"
        chunks = directory + "/chunks"
        damage = directory + "/" + DamageRecord.name
    }
}
