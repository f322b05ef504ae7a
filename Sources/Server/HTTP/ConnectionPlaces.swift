import NIOCore
import Synchronization

/// One connection's place.
final class ConnectionPlace: Sendable {
    /// Told to a connection that is to close as soon as it has answered what it was asked.
    struct GiveWay: Sendable {}

    /// The address of the client, without the port.
    let client: String
    /// Whether only health checks are answered on it.
    let isReserve: Bool
    fileprivate let channel: any Channel
    /// Since when it waits for a request, in nanoseconds; 0 while it has one.
    private let idleSince: Atomic<UInt64>

    fileprivate init(_ channel: any Channel, client: String, isReserve: Bool) {
        self.channel = channel
        self.client = client
        self.isReserve = isReserve
        idleSince = Atomic(NIODeadline.now().uptimeNanoseconds)
    }

    /// Notes that the connection waits for a request from a time on, or has one.
    func note(idleSince time: NIODeadline?) { idleSince.store(time?.uptimeNanoseconds ?? 0, ordering: .relaxed) }

    fileprivate var idle: UInt64 { idleSince.load(ordering: .relaxed) }
}

/// The places for connections. When there is none left, in all or for the address of the client, the connection that has been
/// idle for longest closes for the new one; where all are busy, the new one gets a place on which only health checks
/// are answered.
final class ConnectionPlaces: Sendable {
    private struct State {
        var places: [ObjectIdentifier: ConnectionPlace] = [:]
        var clients: [String: Int] = [:]
        /// Oldest first.
        var reserve: [ConnectionPlace] = []

        mutating func add(_ place: ConnectionPlace) {
            if place.isReserve {
                reserve.append(place)
            } else {
                places[ObjectIdentifier(place)] = place
                clients[place.client, default: 0] += 1
            }
        }

        mutating func remove(_ place: ConnectionPlace) {
            if place.isReserve { return reserve.removeAll { $0 === place } }
            guard places.removeValue(forKey: ObjectIdentifier(place)) != nil else { return }
            let count = (clients[place.client] ?? 1) - 1
            clients[place.client] = count == 0 ? nil : count
        }

        /// The place that has been idle for longest, of one client where one is given.
        func idlest(of client: String?) -> ConnectionPlace? {
            let idle = places.values.lazy.filter { $0.idle > 0 && (client == nil || $0.client == client) }
            return idle.min { $0.idle < $1.idle }
        }
    }

    private let limits: ServerLimits
    private let state = Mutex(State())

    init(_ limits: ServerLimits) { self.limits = limits }

    /// A place for a new connection, which it gives back when it closes.
    func take(_ channel: any Channel) -> ConnectionPlace {
        let client = channel.remoteAddress?.ipAddress ?? ""
        let (place, idle, oldest) = state.withLock { state in
            let hasMany = state.clients[client] ?? 0 >= limits.connectionsOfClient
            var idle: ConnectionPlace?
            var oldest: ConnectionPlace?
            var isReserve = false
            if hasMany || state.places.count >= limits.connections {
                idle = state.idlest(of: hasMany ? client : nil)
                if let idle { state.remove(idle) } else { isReserve = true }
            }
            if isReserve, state.reserve.count >= limits.reserve { oldest = state.reserve.removeFirst() }
            let place = ConnectionPlace(channel, client: client, isReserve: isReserve)
            state.add(place)
            return (place, idle, oldest)
        }
        // It may have got a request in this moment, which it then answers.
        idle?.channel.pipeline.fireUserInboundEventTriggered(ConnectionPlace.GiveWay())
        oldest?.channel.close(promise: nil)
        channel.closeFuture.whenComplete { _ in self.state.withLock { $0.remove(place) } }
        return place
    }
}
