import TestSupport
import Testing

@testable import EventServer

@Suite struct AddressCountTests {
    private func key(_ text: String) throws -> ClientNetwork {
        let ip = try #require(IPAddress(text))
        return try #require(ClientNetwork(SocketAddress(ip, port: 1)))
    }

    private func enter(_ count: AddressCount, _ key: ClientNetwork, at seconds: Int = 0) -> (
        isIn: Bool, isTold: Bool
    ) {
        var isTold = false
        let isIn = count.enter(key, now: .seconds(seconds)) { _ in isTold = true }
        return (isIn, isTold)
    }

    @Test func anAddressOfIPv6CountsAsItsNetwork() throws {
        #expect(try key("2001:db8::1") == key("2001:db8::ffff:ffff:ffff:ffff"))
        #expect(try key("2001:db8::1") != key("2001:db8:0:1::1"))
        #expect(try key("10.0.0.1") != key("10.0.0.2"))
        #expect(try key("::ffff:10.0.0.1") == key("10.0.0.1"))
        #expect(try "\(key("2001:db8::1"))" == "2001:db8::/64")
        #expect(ClientNetwork(SocketAddress(path: "/a")) == nil)
    }

    @Test func whoIsGoneLeavesNothingBehind() throws {
        let count = AddressCount(limit: 2)
        for number in 0..<1000 {
            let key = try key("10.0.\(number / 250).\(number % 250)")
            #expect(enter(count, key).isIn)
            #expect(enter(count, key).isIn)
            #expect(!enter(count, key).isIn)
            count.leave(key)
            count.leave(key)
            count.leave(key)
        }
        #expect(count.count == 0)
    }

    @Test func aRefusalIsToldAtOnceAndThenOnceAMinute() throws {
        let count = AddressCount(limit: 1)
        let key = try key("10.0.0.1")
        #expect(enter(count, key).isIn)
        #expect(enter(count, key) == (false, true))
        for second in 1..<50 { #expect(enter(count, key, at: second) == (false, false)) }
        #expect(count.dueRefusals(now: .seconds(59)).isEmpty)
        #expect(count.dueRefusals(now: .seconds(60)) == [AddressCount.Refusals(address: key, count: 49)])
        #expect(count.dueRefusals(now: .seconds(61)).isEmpty)
        // A calm minute, and the next one is the first again.
        #expect(count.dueRefusals(now: .seconds(121)).isEmpty)
        #expect(enter(count, key, at: 122) == (false, true))
    }

    @Test func aFloodFromEverywhereIsAFewLines() throws {
        let count = AddressCount(limit: 1)
        var told = 0
        for number in 0..<2000 {
            let key = try key("10.1.\(number / 250).\(number % 250)")
            #expect(enter(count, key).isIn)
            if enter(count, key).isTold { told += 1 }
        }
        #expect(told == 256)
    }

    @Test func withoutALimitNothingIsCounted() throws {
        let count = AddressCount(limit: 0)
        let key = try key("10.0.0.1")
        for _ in 0..<10 { #expect(enter(count, key).isIn) }
        #expect(count.count == 0)
    }
}
