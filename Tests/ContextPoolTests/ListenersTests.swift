import Testing

@testable import ContextPool

@Suite("Listeners")
struct ListenersTests {
    private let told = Record<Int>()

    @Test("they are told in the order of arrival, also where one came while others were told")
    func orderOfArrival() {
        var listeners = Listeners()
        for number in 1...3 { #expect(listeners.add(listener(number)) == number) }
        tellNext(of: &listeners)
        #expect(listeners.add(listener(4)) == 4)
        while !listeners.isEmpty { tellNext(of: &listeners) }
        #expect(told.elements == [1, 2, 3, 4])
        #expect(listeners.popFirst() == nil)
    }

    @Test("whichever is taken out, the others are told in order", arguments: 1...3)
    func anyOneMayLeave(leaver: Int) {
        var listeners = Listeners()
        for number in 1...3 { _ = listeners.add(listener(number)) }
        #expect(listeners.remove(leaver) != nil)
        #expect(listeners.remove(leaver) == nil)
        #expect(listeners.count == 2)
        while !listeners.isEmpty { tellNext(of: &listeners) }
        #expect(told.elements == [1, 2, 3].filter { $0 != leaver })
    }

    @Test("numbers are not used again, so that who has left cannot take another one out")
    func numbersAreNotUsedAgain() {
        var listeners = Listeners()
        let first = listeners.add(listener(1))
        _ = listeners.remove(first)
        #expect(listeners.add(listener(2)) != first)
        #expect(listeners.remove(first) == nil)
        #expect(listeners.count == 1)
    }

    private func listener(_ number: Int) -> Completion.Listener {
        .closure { [told] in
            told.append(number)
            return nil
        }
    }

    private func tellNext(of listeners: inout Listeners) { _ = listeners.popFirst()?.tell() }
}
