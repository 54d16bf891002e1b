/// Who wants to hear of the end of a future, in the order of arrival.
///
/// The first one has a place of its own, because as a rule there is no other: a queue would allocate for it.
struct Listeners {
    private struct Entry {
        let number: Int
        let listener: Completion.Listener
    }

    private var first: Entry?
    private var others = FIFO<Entry>()
    private var lastNumber = 0

    var count: Int { (first == nil ? 0 : 1) + others.count }
    var isEmpty: Bool { first == nil && others.isEmpty }

    mutating func add(_ listener: Completion.Listener) -> Int {
        lastNumber += 1
        let entry = Entry(number: lastNumber, listener: listener)
        if isEmpty { first = entry } else { others.append(entry) }
        return lastNumber
    }

    mutating func popFirst() -> Completion.Listener? { (first.take() ?? others.popFirst())?.listener }

    /// Takes a listener out, for the caller to let go of.
    mutating func remove(_ number: Int) -> Completion.Listener? {
        if first?.number == number { return first.take()?.listener }
        return others.removeAll { $0.number == number }.first?.listener
    }
}
