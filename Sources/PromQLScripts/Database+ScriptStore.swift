package import TSDB

/// Scripts run against the store that servers use. Make it with `DatabaseOptions.scripts`.
extension Database: ScriptStore {}
