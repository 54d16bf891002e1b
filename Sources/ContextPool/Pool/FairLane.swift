/// The waiting jobs of one priority: flows take turns, and within a flow the order is that of arrival.
///
/// Every operation but ``oldest`` costs O(1), and none allocates once the storage has grown: lists are linked by index. A
/// job knows its place, so that one that is cancelled leaves from the middle.
struct FairLane {
    /// No index: the end of a list.
    private static let none = -1

    private struct Place {
        var job: (any Job)?
        var flow: Int
        var arrival: UInt64
        var previous = none
        var next = none
    }

    /// The jobs of one flow, and its neighbours in the ring of those that have any.
    private struct Flow {
        var key: Int
        var first = none
        var last = none
        var previous = none
        var next = none
    }

    private(set) var count = 0
    private var places: [Place] = []
    private var freePlaces: [Int] = []
    private var flows: [Flow] = []
    private var freeFlows: [Int] = []
    private var flowsByKey: [Int: Int] = [:]
    /// The flow that goes next.
    private var turn = none
    private var arrivals: UInt64 = 0
    /// The flow of the last arrival, as a rule that of the next one, too: looking there first spares the hashing.
    private var lastFlow = none

    /// Takes a job in at the end of its flow, and tells it its place.
    mutating func append(_ job: any Job) {
        let key = job.flow
        let flow = findFlow(key) ?? addFlow(key)
        lastFlow = flow
        arrivals += 1
        let last = flows[flow].last
        let place = Place(job: job, flow: flow, arrival: arrivals, previous: last)
        let index: Int
        if let free = freePlaces.popLast() {
            index = free
            places[index] = place
        } else {
            index = places.count
            places.append(place)
        }
        if last == Self.none { flows[flow].first = index } else { places[last].next = index }
        flows[flow].last = index
        job.place = index
        count += 1
    }

    /// The first job of the flow whose turn it is.
    mutating func popFirst() -> (any Job)? {
        guard turn != Self.none else { return nil }
        let flow = turn
        turn = flows[flow].next
        let index = flows[flow].first
        let job = places[index].job
        take(index)
        return job
    }

    /// Takes a job out from wherever it stands; `false` where it does not stand here.
    mutating func remove(_ job: any Job) -> Bool {
        let index = job.place
        guard places.indices.contains(index), places[index].job === job else { return false }
        take(index)
        return true
    }

    /// Takes out every job that fits.
    mutating func removeAll(where fits: (any Job) -> Bool) -> [any Job] {
        places.compactMap(\.job).filter(fits).filter { remove($0) }
    }

    /// The job that has waited longest of those that may be dropped; O(n) in the number of flows, and of the others before it.
    var oldest: (any Job)? {
        let firsts = flows.lazy.map { droppable(from: $0.first) }.filter { $0 != Self.none }
        return firsts.min { places[$0].arrival < places[$1].arrival }.flatMap { places[$0].job }
    }

    private func droppable(from index: Int) -> Int {
        var index = index
        while index != Self.none, places[index].job?.mayBeDropped == false { index = places[index].next }
        return index
    }

    private mutating func take(_ index: Int) {
        let place = places[index]
        if place.previous == Self.none {
            flows[place.flow].first = place.next
        } else {
            places[place.previous].next = place.next
        }
        if place.next == Self.none {
            flows[place.flow].last = place.previous
        } else {
            places[place.next].previous = place.previous
        }
        places[index].job = nil
        freePlaces.append(index)
        count -= 1
        if flows[place.flow].first == Self.none { removeFlow(place.flow) }
    }

    private func findFlow(_ key: Int) -> Int? {
        if lastFlow != Self.none, flows[lastFlow].key == key, flows[lastFlow].first != Self.none { return lastFlow }
        return flowsByKey[key]
    }

    private mutating func addFlow(_ key: Int) -> Int {
        let index: Int
        if let free = freeFlows.popLast() {
            index = free
            flows[index] = Flow(key: key)
        } else {
            index = flows.count
            flows.append(Flow(key: key))
        }
        flowsByKey[key] = index
        if turn == Self.none {
            (flows[index].previous, flows[index].next) = (index, index)
            turn = index
        } else {
            // Before the one that goes next, which is the end of the round.
            let before = flows[turn].previous
            (flows[index].previous, flows[index].next) = (before, turn)
            flows[before].next = index
            flows[turn].previous = index
        }
        return index
    }

    private mutating func removeFlow(_ index: Int) {
        let (previous, next) = (flows[index].previous, flows[index].next)
        flows[previous].next = next
        flows[next].previous = previous
        if turn == index { turn = next == index ? Self.none : next }
        flowsByKey[flows[index].key] = nil
        freeFlows.append(index)
    }
}
