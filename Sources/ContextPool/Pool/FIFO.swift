/// A first-in, first-out queue in a ring of storage: both ends cost O(1), and the storage is kept for the next round.
///
/// `Deque` of swift-collections does the same; this module has no dependencies, so that a program which wants contexts
/// and no server pulls nothing else.
struct FIFO<Element> {
    private var ring: [Element?] = []
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ element: Element) {
        if count == ring.count { grow() }
        ring[(head + count) % ring.count] = element
        count += 1
    }

    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = ring[head]
        ring[head] = nil
        head = (head + 1) % ring.count
        count -= 1
        return element
    }

    /// Takes out the first element that fits, keeping the order of the others; O(n).
    mutating func removeFirst(where fits: (Element) -> Bool) {
        var kept: [Element?] = []
        kept.reserveCapacity(ring.count)
        var isRemoved = false
        while let element = popFirst() {
            if !isRemoved, fits(element) { isRemoved = true } else { kept.append(element) }
        }
        count = kept.count
        head = 0
        ring = kept + Array(repeating: nil, count: ring.count - kept.count)
    }

    /// Takes out every element that fits, keeping the order of the others; O(n).
    mutating func removeAll(where fits: (Element) -> Bool) -> [Element] {
        var kept: [Element?] = []
        kept.reserveCapacity(ring.count)
        var removed: [Element] = []
        while let element = popFirst() {
            if fits(element) { removed.append(element) } else { kept.append(element) }
        }
        count = kept.count
        head = 0
        ring = kept + Array(repeating: nil, count: ring.count - kept.count)
        return removed
    }

    private mutating func grow() {
        let ordered = (0..<count).map { ring[(head + $0) % ring.count] }
        ring = ordered + Array(repeating: nil, count: max(8, count))
        head = 0
    }
}
