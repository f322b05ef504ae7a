package import Model
import NIOCore
import NIOHTTP1
import NIOPosix
private struct Placeholder {}
