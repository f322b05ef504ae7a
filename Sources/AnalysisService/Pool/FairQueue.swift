/// A queue in which clients take turns: each has a line of its own, first come, first served.
struct FairQueue<Element> {
    private var lines: [String: [Element]] = [:]
    /// Clients with a line, the next one first.
    private var order: [String] = []
    /// Elements of all lines.
    private(set) var count = 0

    /// Adds an element to the end of its client's line.
    package mutating func append(_ element: Element, of client: String) {
        count += 1
        if lines[client]?.append(element) == nil {
            lines[client] = [element]
            order.append(client)
        }
    }

    /// The first element of the client whose turn it is.
    package mutating func popFirst() -> Element? {
        guard let client = order.first, let element = lines[client]?.removeFirst() else { return nil }
        count -= 1
        order.removeFirst()
        if lines[client]?.isEmpty == true { lines[client] = nil } else { order.append(client) }
        return element
    }

    /// Takes the newest element of a client that fulfils a condition out of its line.
    package mutating func removeLast(of client: String, where condition: (Element) -> Bool) -> Element? {
        guard let place = lines[client]?.lastIndex(where: condition) else { return nil }
        let element = lines[client]?.remove(at: place)
        count -= 1
        if lines[client]?.isEmpty == true {
            lines[client] = nil
            order.removeAll { $0 == client }
        }
        return element
    }

    /// How many elements of a client wait.
    package func count(of client: String) -> Int { lines[client]?.count ?? 0 }

    /// The clients that wait.
    package var clients: [String] { order }
}
