import TestSupport
import Testing

@testable import ContextPool

@Suite("FIFO")
struct FIFOTests {
    @Test("an empty one gives nothing and survives being asked")
    func emptyGivesNothing() {
        var queue = FIFO<Int>()
        #expect(queue.popFirst() == nil)
        queue.removeFirst { _ in true }
        #expect(queue.isEmpty)
        #expect(queue.count == 0)
        queue.append(1)
        #expect(queue.popFirst() == 1)
        #expect(queue.popFirst() == nil)
    }

    @Test("it does as an array does, through every wrap and growth", arguments: 0..<20 as Range<UInt64>)
    func itDoesAsAnArrayDoes(seed: UInt64) {
        var random = Random(state: seed)
        var (queue, model) = (FIFO<Int>(), [Int]())
        for step in 0..<2_000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...4:
                queue.append(step)
                model.append(step)
            case 5...8:
                #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
            default:
                let victim = model.randomElement(using: &random) ?? -1
                queue.removeFirst { $0 == victim }
                model.removeAll { $0 == victim }
            }
            #expect(queue.count == model.count)
            #expect(queue.isEmpty == model.isEmpty)
        }
        var rest: [Int] = []
        while let element = queue.popFirst() { rest.append(element) }
        #expect(rest == model)
    }

    @Test("removeFirst takes one of several that fit, the first")
    func removeFirstTakesOne() {
        var queue = FIFO<Int>()
        // A head in the middle of the ring: six in, four out, more in.
        for number in 0..<6 { queue.append(number) }
        for _ in 0..<4 { _ = queue.popFirst() }
        for number in 6..<12 { queue.append(number) }
        queue.removeFirst { $0.isMultiple(of: 3) }
        queue.removeFirst { _ in false }
        var rest: [Int] = []
        while let element = queue.popFirst() { rest.append(element) }
        #expect(rest == [4, 5, 7, 8, 9, 10, 11])
    }

    @Test("removeAll takes all that fit and hands them over, and the rest keeps its order")
    func removeAllTakesAll() {
        var queue = FIFO<Int>()
        #expect(queue.removeAll { _ in true }.isEmpty)
        for number in 0..<6 { queue.append(number) }
        for _ in 0..<4 { _ = queue.popFirst() }
        for number in 6..<12 { queue.append(number) }
        #expect(queue.removeAll { $0.isMultiple(of: 3) } == [6, 9])
        queue.append(12)
        #expect(queue.count == 7)
        #expect(queue.removeAll { _ in true } == [4, 5, 7, 8, 10, 11, 12])
        #expect(queue.isEmpty)
    }

    @Test("a copy is independent")
    func copiesAreIndependent() {
        var queue = FIFO<Int>()
        queue.append(1)
        var copy = queue
        copy.append(2)
        #expect(queue.count == 1)
        #expect(copy.popFirst() == 1)
        #expect(queue.popFirst() == 1)
    }

    @Test("what has left is not kept alive")
    func whatHasLeftIsLetGo() {
        var queue = FIFO<Mortal>()
        let (popped, removed) = (Gate(), Gate())
        queue.append(Mortal(popped))
        queue.append(Mortal(removed))
        _ = queue.popFirst()
        #expect(popped.isOpen)
        queue.removeFirst { _ in true }
        #expect(removed.isOpen)
    }

    private struct Random: RandomNumberGenerator {
        var state: UInt64

        // SplitMix64: the same numbers on every run.
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
